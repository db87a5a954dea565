#include "flutterflow/zip.h"

#include <minizip/unzip.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace latchkey::flutterflow {
namespace {

using base::ErrorCode;
using base::fail;

// What minizip reads instead of a file.
struct Memory {
  std::string_view bytes;
  std::size_t at = 0;
};

Memory& memory(voidpf stream) { return *static_cast<Memory*>(stream); }

voidpf ZCALLBACK open_memory(voidpf opaque, const void*, int) { return opaque; }

uLong ZCALLBACK read_memory(voidpf, voidpf stream, void* out, uLong size) {
  Memory& from = memory(stream);
  const std::size_t count = std::min<std::size_t>(size, from.bytes.size() - from.at);
  std::memcpy(out, from.bytes.data() + from.at, count);
  from.at += count;
  return count;
}

uLong ZCALLBACK write_memory(voidpf, voidpf, const void*, uLong) { return 0; }

ZPOS64_T ZCALLBACK tell_memory(voidpf, voidpf stream) { return memory(stream).at; }

long ZCALLBACK seek_memory(voidpf, voidpf stream, ZPOS64_T offset, int origin) {
  Memory& in = memory(stream);
  std::size_t from = 0;
  if (origin == ZLIB_FILEFUNC_SEEK_CUR) from = in.at;
  if (origin == ZLIB_FILEFUNC_SEEK_END) from = in.bytes.size();
  if (offset > in.bytes.size() || from + offset > in.bytes.size()) return -1;
  in.at = from + offset;
  return 0;
}

int ZCALLBACK close_memory(voidpf, voidpf) { return 0; }
int ZCALLBACK error_memory(voidpf, voidpf) { return 0; }

constexpr std::size_t kMaxName = 4096;

}  // namespace

struct ZipReader::Impl {
  Memory source;
  unzFile file = nullptr;
  std::vector<ZipEntry> entries;
  std::vector<unz64_file_pos> places;

  Impl() = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    if (file != nullptr) unzClose(file);
  }
};

ZipReader::ZipReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ZipReader::ZipReader(ZipReader&&) noexcept = default;
ZipReader& ZipReader::operator=(ZipReader&&) noexcept = default;
ZipReader::~ZipReader() = default;

const std::vector<ZipEntry>& ZipReader::entries() const { return impl_->entries; }

base::Result<ZipReader> ZipReader::open(std::string_view bytes, std::uint32_t max_entries) {
  auto impl = std::make_unique<Impl>();
  impl->source.bytes = bytes;
  zlib_filefunc64_def functions{.zopen64_file = open_memory,
                                .zread_file = read_memory,
                                .zwrite_file = write_memory,
                                .ztell64_file = tell_memory,
                                .zseek64_file = seek_memory,
                                .zclose_file = close_memory,
                                .zerror_file = error_memory,
                                .opaque = &impl->source};
  impl->file = unzOpen2_64("memory", &functions);
  if (impl->file == nullptr) {
    return fail(
        ErrorCode::validation_failed,
        "This is no zip archive, or only a part of one. Download it again, or unpack it and give the folder");
  }
  for (int status = unzGoToFirstFile(impl->file); status == UNZ_OK; status = unzGoToNextFile(impl->file)) {
    if (impl->entries.size() >= max_entries) {
      return fail(ErrorCode::validation_failed, "The archive holds more than " + std::to_string(max_entries) +
                                                    " files. Unpack it and give the project's folder");
    }
    unz_file_info64 info{};
    std::array<char, kMaxName + 1> name{};
    unz64_file_pos place{};
    if (unzGetCurrentFileInfo64(impl->file, &info, name.data(), kMaxName, nullptr, 0, nullptr, 0) != UNZ_OK ||
        unzGetFilePos64(impl->file, &place) != UNZ_OK) {
      break;
    }
    constexpr uLong kEncrypted = 1;
    impl->entries.push_back(
        {.name = std::string(name.data(), std::min<std::size_t>(info.size_filename, kMaxName)),
         .size = info.uncompressed_size,
         .is_encrypted = (info.flag & kEncrypted) != 0});
    impl->places.push_back(place);
  }
  return ZipReader(std::move(impl));
}

base::Result<std::string> ZipReader::read(std::size_t index, std::uint64_t max_bytes) {
  const ZipEntry& entry = impl_->entries[index];
  if (entry.is_encrypted) return fail(ErrorCode::validation_failed, "is encrypted");
  if (unzGoToFilePos64(impl_->file, &impl_->places[index]) != UNZ_OK ||
      unzOpenCurrentFile(impl_->file) != UNZ_OK) {
    return fail(ErrorCode::validation_failed, "is damaged");
  }
  std::string content;
  std::array<char, std::size_t{64} * 1024> chunk{};
  int count = 0;
  while ((count = unzReadCurrentFile(impl_->file, chunk.data(), chunk.size())) > 0) {
    content.append(chunk.data(), static_cast<std::size_t>(count));
    if (content.size() > max_bytes) {
      unzCloseCurrentFile(impl_->file);
      return fail(ErrorCode::validation_failed, "is larger than " + std::to_string(max_bytes >> 20U) + " MB");
    }
  }
  // Closing after the last byte tells whether the checksum was right.
  const int closed = unzCloseCurrentFile(impl_->file);
  if (count < 0 || closed != UNZ_OK || content.size() != entry.size) {
    return fail(ErrorCode::validation_failed, "is damaged");
  }
  return content;
}

}  // namespace latchkey::flutterflow

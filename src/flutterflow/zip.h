// The files of a zip archive in memory, read by somebody who does not trust it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace latchkey::flutterflow {

struct ZipEntry {
  std::string name;        // as it stands in the archive
  std::uint64_t size = 0;  // as the archive says, which may be a lie
  bool is_encrypted = false;
};

// Reads entries of an archive. Nothing is written anywhere, and a name is only a name. The bytes must outlive
// it.
class ZipReader {
 public:
  // Lists at most `max_entries`; more are an error, as is what is no zip. Details are for the person.
  static base::Result<ZipReader> open(std::string_view bytes, std::uint32_t max_entries);
  ZipReader(ZipReader&&) noexcept;
  ZipReader& operator=(ZipReader&&) noexcept;
  ~ZipReader();

  const std::vector<ZipEntry>& entries() const;
  // The content of an entry, whose checksum is right. Fails once it turns out to be longer than `max_bytes`,
  // whatever the archive says.
  base::Result<std::string> read(std::size_t index, std::uint64_t max_bytes);

 private:
  struct Impl;
  explicit ZipReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace latchkey::flutterflow

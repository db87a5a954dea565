#include "http/file_set.h"

#include <zlib.h>

#include <algorithm>
#include <stdexcept>

namespace latchkey::http {
namespace {

constexpr std::array<std::string_view, kContentCodings> kCodingNames = {"br", "gzip", "identity"};
constexpr std::array<std::string_view, kContentCodings> kEtagEndings = {"-br", "-gz", ""};
constexpr std::size_t kLargestInflated = 16U << 20U;
constexpr std::size_t kIdentity = static_cast<std::size_t>(ContentCoding::identity);

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

// Takes what stands before the separator off the front, and the separator.
std::string_view take_until(std::string_view& text, char separator) {
  const std::string_view part = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(text.size(), part.size() + 1));
  return trim(part);
}

// "0.8" in thousandths: a digit 0 or 1, and up to three decimals, at most 1. What is none of that is 0, so
// that nothing is sent that was not clearly asked for.
int parse_weight(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text.size() > 1 && text[1] != '.')) return 0;
  int weight = 0;
  for (std::size_t i = 0, factor = 1000; i < text.size(); ++i) {
    if (i == 1) continue;
    if (text[i] < '0' || text[i] > '9') return 0;
    weight += (text[i] - '0') * static_cast<int>(factor);
    factor /= 10;
  }
  return weight <= 1000 ? weight : 0;
}

// The weight of one member of the list behind its first semicolon: ";q=0.5", other parameters passed over.
int weight_of(std::string_view parameters) {
  while (!parameters.empty()) {
    std::string_view value = take_until(parameters, ';');
    const std::string_view name = take_until(value, '=');
    if (equal_ignoring_case(name, "q")) return parse_weight(trim(value));
  }
  return 1000;
}

std::shared_ptr<const RawContent> make_content(const File& file, std::size_t coding, std::string_view bytes,
                                               bool varies) {
  std::string headers;
  if (coding != kIdentity) headers.append("Content-Encoding: ").append(kCodingNames[coding]).append("\r\n");
  if (!file.etag.empty()) {
    headers.append("ETag: \"").append(file.etag).append(kEtagEndings[coding]).append("\"\r\n");
  }
  if (varies) headers.append("Vary: Accept-Encoding\r\n");
  headers.shrink_to_fit();
  return std::make_shared<const RawContent>(
      RawContent{.body = coding == kIdentity ? file.text : std::string(),
                 .content_type = file.content_type,
                 .cache_control = file.cache_control,
                 .headers = std::move(headers),
                 .bytes_elsewhere = bytes,
                 .headers_elsewhere = file.headers});
}

// What was compressed; its length stands at the end (RFC 1952). Nothing of what is no gzip of one member.
std::string inflated(std::string_view gzip) {
  if (gzip.size() < 18) return {};
  std::size_t size = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    size |= static_cast<std::size_t>(static_cast<unsigned char>(gzip[gzip.size() - 4 + i])) << (8 * i);
  }
  if (size > kLargestInflated) return {};
  std::string out(size, '\0');
  z_stream stream{};
  constexpr int kGzip = 16;
  if (inflateInit2(&stream, kGzip + MAX_WBITS) != Z_OK) return {};
  // zlib does not write to its input.
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(gzip.data()));
  stream.avail_in = static_cast<uInt>(gzip.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(size);
  const bool is_whole = inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_out == 0;
  inflateEnd(&stream);
  return is_whole ? out : std::string();
}

}  // namespace

ContentCoding choose_coding(std::optional<std::string_view> accept_encoding,
                            const std::array<bool, kContentCodings>& available) {
  if (!accept_encoding) return ContentCoding::identity;
  std::array<std::optional<int>, kContentCodings> weights;
  std::optional<int> any;
  for (std::string_view list = *accept_encoding; !list.empty();) {
    std::string_view member = take_until(list, ',');
    const std::string_view name = take_until(member, ';');
    if (name == "*") any = weight_of(member);
    for (std::size_t i = 0; i < kContentCodings; ++i) {
      if (equal_ignoring_case(name, kCodingNames[i])) weights[i] = weight_of(member);
    }
  }
  // Identity that nobody mentions is welcome, but less than whatever is.
  if (!weights[kIdentity] && !any) weights[kIdentity] = 1;
  std::size_t best = kIdentity;
  int best_weight = 0;
  for (std::size_t i = 0; i < kContentCodings; ++i) {
    const int weight = weights[i].value_or(any.value_or(0));
    if (available[i] && weight > best_weight) {
      best = i;
      best_weight = weight;
    }
  }
  return static_cast<ContentCoding>(best);
}

bool names_etag(std::string_view if_none_match, std::string_view etag) {
  if (trim(if_none_match) == "*") return true;
  while (!if_none_match.empty()) {
    std::string_view tag = take_until(if_none_match, ',');
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag.size() == etag.size() + 2 && tag.starts_with('"') && tag.ends_with('"') &&
        tag.substr(1, etag.size()) == etag) {
      return true;
    }
  }
  return false;
}

FileSet::FileSet(const std::vector<File>& files, std::string_view page, std::string_view not_pages)
    : not_pages_(not_pages) {
  for (const File& file : files) {
    const std::array<std::string_view, kContentCodings> bytes = {file.brotli, file.gzip, file.identity};
    const bool varies = !file.brotli.empty() || !file.gzip.empty();
    const bool is_made = file.identity.empty() && file.text.empty() && !file.gzip.empty();
    Entry entry{.contents = {}, .etag = file.etag, .gzip = is_made ? file.gzip : std::string_view()};
    for (std::size_t i = 0; i < kContentCodings; ++i) {
      if (i == kIdentity || !bytes[i].empty()) entry.contents[i] = make_content(file, i, bytes[i], varies);
    }
    if (!entries_.emplace(file.path, std::move(entry)).second) {
      throw std::logic_error("file " + std::string(file.path) + ": there twice");
    }
  }
  const auto found = entries_.find(page);
  if (found == entries_.end()) throw std::logic_error("file " + std::string(page) + ": not among the files");
  page_ = &found->second;
}

bool FileSet::could_be_page(std::string_view path) const {
  if (!not_pages_.empty() && path.starts_with(not_pages_) &&
      (path.size() == not_pages_.size() || path[not_pages_.size()] == '/')) {
    return false;
  }
  return std::ranges::all_of(path, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '/';
  });
}

bool FileSet::answer(std::string_view path, const Request& request, Response& response) const {
  const auto found = entries_.find(path);
  const Entry* const entry = found != entries_.end() ? &found->second : could_be_page(path) ? page_ : nullptr;
  if (entry == nullptr) return false;
  std::array<bool, kContentCodings> available{};
  std::ranges::transform(entry->contents, available.begin(),
                         [](const auto& form) { return form != nullptr; });
  const auto coding =
      static_cast<std::size_t>(choose_coding(request.find_header("accept-encoding"), available));
  response.raw = entry->contents[coding];
  if (coding == kIdentity && !entry->gzip.empty()) {
    RawContent made = *response.raw;
    made.body = inflated(entry->gzip);
    response.raw = std::make_shared<const RawContent>(std::move(made));
  }
  const auto known = request.find_header("if-none-match");
  if (known && !entry->etag.empty() &&
      names_etag(*known, std::string(entry->etag).append(kEtagEndings[coding]))) {
    response.status = 304;
  }
  return true;
}

}  // namespace latchkey::http

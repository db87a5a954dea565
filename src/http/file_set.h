// Files that are sent as they are, all known at start and held in memory: what stands beside the endpoints.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "http/message.h"

namespace latchkey::http {

// One file. The views live as long as the process does; a set copies nothing but the text.
struct File {
  std::string_view path;  // under the prefix that it is served at: "/assets/index-4f2a90c1.js"
  std::string_view content_type;
  std::string_view cache_control;
  std::string_view etag = {};     // without quotes and different for different bytes; empty: it has none
  std::string_view headers = {};  // further ones, as whole lines
  std::string_view identity =
      {};  // empty beside a gzip form: made from that for whoever wants it, hardly anybody
  std::string_view gzip = {};    // the same compressed; empty: it is not
  std::string_view brotli = {};  // the same compressed; empty: it is not
  std::string text = {};         // instead of identity: bytes that were made at start
};

// The content codings that files may be there in, the best one first.
enum class ContentCoding : std::uint8_t { brotli, gzip, identity };
inline constexpr std::size_t kContentCodings = 3;

// The one of `available` (in the order of the enumeration) that suits this Accept-Encoding best (RFC 9110
// §12.5.3); without the header, and when nothing suits, identity, which is always available.
ContentCoding choose_coding(std::optional<std::string_view> accept_encoding,
                            const std::array<bool, kContentCodings>& available);

// Whether this If-None-Match names the entity tag (which has no quotes here).
bool names_etag(std::string_view if_none_match, std::string_view etag);

// Immutable, so safe to share between threads. There is no file system behind it: what is not in the table
// does not exist, whatever a path looks like.
class FileSet {
 public:
  // `page` is the file that is sent for every path that could be a page of a single-page app: at the prefix
  // itself and below, of plain letters, digits, - and _, and not under `not_pages`. Throws std::logic_error
  // when it is not among the files, or one is there twice.
  FileSet(const std::vector<File>& files, std::string_view page, std::string_view not_pages);
  FileSet(const FileSet&) = delete;
  FileSet& operator=(const FileSet&) = delete;

  // Makes the answer to a GET of `path`, which is what follows the prefix: "" or "/…". False, and nothing
  // done, when there is no such file.
  bool answer(std::string_view path, const Request& request, Response& response) const;

 private:
  struct Entry {
    std::array<std::shared_ptr<const RawContent>, kContentCodings> contents;
    std::string_view etag;  // each coding has its own, with an ending
    std::string_view gzip;  // what identity is made from at each request; empty: it is there
  };
  bool could_be_page(std::string_view path) const;

  std::unordered_map<std::string_view, Entry> entries_;
  const Entry* page_ = nullptr;
  std::string not_pages_;
};

}  // namespace latchkey::http

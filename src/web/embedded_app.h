// The files of the app as they lie in the program: made by cmake/embed_files.py when building.
#pragma once

#include <span>
#include <string_view>

namespace latchkey::web {

// The bytes of each form; empty where the file does not come in it.
struct EmbeddedFile {
  std::string_view path;  // "/assets/index-4f2a90c1.js"
  std::string_view content_type;
  std::string_view etag;
  bool is_named_by_hash;  // other bytes would have another name
  std::string_view identity;
  std::string_view gzip;
  std::string_view brotli;
};

// Looking at the table does not touch the bytes.
std::span<const EmbeddedFile> embedded_app();

}  // namespace latchkey::web

// A JSON path up to the first line end, and the document behind it. What is written as text reads as the same
// path.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/json_reader.h"
#include "flutterflow/json_path.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using latchkey::flutterflow::JsonPath;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t line = text.find('\n');
  const auto path = JsonPath::parse(text.substr(0, line));
  if (!path) return 0;
  const std::string written = path->text();
  if (const auto again = JsonPath::parse(written); again && again->text() != written) std::abort();
  if (line == std::string_view::npos) return 0;
  const auto document = latchkey::base::parse_json(text.substr(line + 1));
  if (!document) return 0;
  if (path->find_in(*document).size() > JsonPath::kMaxFound) std::abort();
  return 0;
}

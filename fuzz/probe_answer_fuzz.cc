// Any bytes as what a server that is probed answers: as JSON, as a token, as a date, as a web page.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/json_reader.h"
#include "doctor/probe/answer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace latchkey::doctor;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto json = latchkey::base::parse_json(text)) {
    static_cast<void>(find_values(*json, {}));
    static_cast<void>(message_in(*json));
  }
  if (const auto jwt = read_jwt(text)) {
    static_cast<void>(jwt->number("exp"));
    static_cast<void>(jwt->text("sub"));
  }
  if (with_broken_signature(text) == text && !text.empty()) std::abort();
  static_cast<void>(with_changed_claims(text));
  static_cast<void>(unsigned_variants(text));
  static_cast<void>(read_http_date(text));
  static_cast<void>(read_expiry({.path = "$.e", .text = std::string(text), .kind = "text"}, {}));
  static_cast<void>(internals_in(text));
  static_cast<void>(page_in_front("text/html", text));
  if (excerpt(text).size() > 170) std::abort();
  return 0;
}

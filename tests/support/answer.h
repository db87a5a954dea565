// One HTTP answer as a test sees it.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace latchkey::e2e {

struct Answer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  boost::json::value json;  // null when the body is not JSON

  // The value of a header, or "" when there is none.
  std::string header(std::string_view lower_case_name) const;
  std::size_t count_headers(std::string_view lower_case_name) const;
  // What stands at "user.user_metadata.city"; null when there is nothing.
  boost::json::value at(std::string_view path) const;
  // The same as a text; "" when it is none.
  std::string text(std::string_view path) const;
  // The error code, or "".
  std::string code() const { return text("code"); }
  // The whole answer in one line, for messages.
  std::string summary() const;
};

}  // namespace latchkey::e2e

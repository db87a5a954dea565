#include "support/answer.h"

#include <algorithm>
#include <boost/json.hpp>

namespace latchkey::e2e {

std::string Answer::header(std::string_view lower_case_name) const {
  const auto found = std::ranges::find(headers, lower_case_name, &std::pair<std::string, std::string>::first);
  return found == headers.end() ? std::string() : found->second;
}

std::size_t Answer::count_headers(std::string_view lower_case_name) const {
  return static_cast<std::size_t>(
      std::ranges::count(headers, lower_case_name, &std::pair<std::string, std::string>::first));
}

boost::json::value Answer::at(std::string_view path) const {
  const boost::json::value* value = &json;
  while (!path.empty()) {
    const std::string_view name = path.substr(0, path.find('.'));
    path.remove_prefix(std::min(path.size(), name.size() + 1));
    const auto* object = value->if_object();
    const auto* next = object != nullptr ? object->if_contains(name) : nullptr;
    if (next == nullptr) return nullptr;
    value = next;
  }
  return *value;
}

std::string Answer::text(std::string_view path) const {
  const boost::json::value value = at(path);
  return value.is_string() ? std::string(value.get_string()) : std::string();
}

std::string Answer::summary() const { return std::to_string(status) + " " + body.substr(0, 400); }

}  // namespace latchkey::e2e

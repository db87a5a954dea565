// The part of JSONPath that FlutterFlow's getters use: `$`, `.name`, `['name']`, `[0]`, `[-1]`, `[*]`, `[:]`,
// `..name`.
#pragma once

#include <boost/json/value.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace latchkey::flutterflow {

// A path that was read. Immutable.
class JsonPath {
 public:
  static constexpr std::size_t kMaxSteps = 64;
  static constexpr std::size_t kMaxFound = 1000;

  // Fails with validation_failed, the detail for the person, when the text is no path that FlutterFlow
  // understands.
  static base::Result<JsonPath> parse(std::string_view text);

  // What it leads to, in the document's order, kMaxFound at most; pointers into `document`.
  std::vector<const boost::json::value*> find_in(const boost::json::value& document) const;
  // The first of them; null when there is none.
  const boost::json::value* first_in(const boost::json::value& document) const;

  // The one way of writing it: `$.data[0].token`; names that are no identifiers in ['…'].
  std::string text() const;
  // The last name in it; empty when it names none.
  std::string_view last_name() const;

 private:
  struct Step {
    enum class Kind : std::uint8_t { name, index, all, descend } kind = Kind::name;
    std::string name = {};
    std::int64_t index = 0;
  };
  std::vector<Step> steps_;
};

}  // namespace latchkey::flutterflow

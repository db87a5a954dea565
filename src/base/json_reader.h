// Reads JSON from outside: a document as a value with exact numbers, or an object member by member.
#pragma once

#include <boost/json/storage_ptr.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/function_ref.h"

namespace latchkey::base {

// One whole JSON document, 32 levels deep at most; nothing when `text` is not one. Of a name that stands
// twice the last counts. A number that is no integer of 64 bits becomes the double next to it (the parser of
// Boost.JSON 1.81 takes another one for every eighth number of 17 digits); one outside the range of double is
// refused, because it could not be written again. Leaves no copy of the text behind on the stack: there may
// be passwords in it.
std::optional<boost::json::value> parse_json(std::string_view text, boost::json::storage_ptr storage = {});

// What a member of an object holds: a text, a whole number, or something else, which is passed over.
using JsonMember = std::variant<std::monostate, std::string, std::int64_t>;

// Calls `take` with each member at the top of the object that `text` is, in their order. False when `text` is
// not one JSON object, is deeper than `max_depth`, has more than 64 members, or names one of them twice
// (which a parsed value would no longer show), and when `take` returns false, which ends the reading at once.
// Members may have been taken before that is known.
bool read_json_members(std::string_view text, std::size_t max_depth,
                       FunctionRef<bool(std::string_view name, JsonMember value)> take);

}  // namespace latchkey::base

// Reads a JSON document from outside as a value with exact numbers.
#pragma once

#include <boost/json/storage_ptr.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string_view>

namespace latchkey::base {

// One whole JSON document, 32 levels deep at most; nothing when `text` is not one. Of a name that stands
// twice the last counts. A number that is no integer of 64 bits becomes the double next to it (the parser of
// Boost.JSON 1.81 takes another one for every eighth number of 17 digits); one outside the range of double is
// refused, because it could not be written again. Leaves no copy of the text behind on the stack: there may
// be passwords in it.
std::optional<boost::json::value> parse_json(std::string_view text, boost::json::storage_ptr storage = {});

}  // namespace latchkey::base

// Checks a JSON value against the part of JSON Schema 2020-12 that our documents use.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <vector>

namespace latchkey::e2e {

// What is wrong, one line a problem; empty when the value fits. `document` is where "#/…" references point
// into. A keyword that is not known here is a problem too, so nothing goes unchecked unnoticed.
std::vector<std::string> schema_problems(const boost::json::value& value, const boost::json::value& schema,
                                         const boost::json::value& document);

}  // namespace latchkey::e2e

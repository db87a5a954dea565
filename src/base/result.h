// The one alias for "a value or what went wrong".
#pragma once

#include <expected>

#include "base/error.h"

namespace latchkey::base {

template <class T>
using Result = std::expected<T, Error>;

// An error to return where a Result is expected: `return fail(ErrorCode::bad_jwt, "no kid");`
inline std::unexpected<Error> fail(ErrorCode code, std::string detail = {}) {
  return std::unexpected(Error{.code = code, .detail = std::move(detail)});
}
inline std::unexpected<Error> fail(Error error) { return std::unexpected(std::move(error)); }

}  // namespace latchkey::base

#include "base/error.h"

#include <array>

namespace latchkey::base {
namespace {

constexpr std::array kErrors = {
#define LK_ERROR(name, status, level, message, hint) \
  ErrorInfo{ErrorCode::name, #name, status, LogLevel::level, message, hint},
#include "base/error_codes.def"
#undef LK_ERROR
};

}  // namespace

const ErrorInfo& error_info(ErrorCode code) { return kErrors.at(static_cast<std::size_t>(code)); }

std::span<const ErrorInfo> all_errors() { return kErrors; }

std::optional<ErrorCode> find_error_code(std::string_view name) {
  for (const ErrorInfo& info : kErrors) {
    if (info.name == name) return info.code;
  }
  return std::nullopt;
}

Error field_error(std::string field, std::string message) {
  Error error{.code = ErrorCode::validation_failed, .detail = field + ": " + message};
  error.fields.push_back({std::move(field), std::move(message)});
  return error;
}

}  // namespace latchkey::base

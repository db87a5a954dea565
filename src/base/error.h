// What can go wrong, as a value: the closed list of error codes and what travels with one.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace latchkey::base {

// One enumerator a line of error_codes.def.
enum class ErrorCode : std::uint8_t {
#define LK_ERROR(name, status, level, message, hint) name,
#include "base/error_codes.def"
#undef LK_ERROR
};

enum class LogLevel : std::uint8_t { debug, info, notice, warn, error };

// The row of the table behind a code. All texts are public: safe to show to anyone.
struct ErrorInfo {
  ErrorCode code;
  std::string_view name;     // on the wire: `code` and `error_code`
  std::uint16_t status;      // HTTP status
  LogLevel level;            // at which an answer with this code is logged
  std::string_view message;  // for a person
  std::string_view hint;     // for the app builder
};

// The row of `code`. Never fails.
const ErrorInfo& error_info(ErrorCode code);
// All rows, in the order of the table.
std::span<const ErrorInfo> all_errors();
// The code with that wire name, if there is one.
std::optional<ErrorCode> find_error_code(std::string_view name);

// A field of the request that could not be taken, and what it must look like (public text).
struct FieldError {
  std::string field;
  std::string message;
};

// An outcome that the caller can act on. `detail` is for the log only and never leaves the process;
// everything else may be sent to the client.
struct Error {
  ErrorCode code;
  std::string detail = {};
  std::vector<FieldError> fields = {};                   // with validation_failed
  std::vector<std::string> reasons = {};                 // with weak_password: stable words, all that apply
  std::optional<std::string> message = {};               // replaces the table's public message
  std::optional<std::string> hint = {};                  // replaces the table's hint
  std::optional<std::chrono::seconds> retry_after = {};  // answered as Retry-After
};

// A `validation_failed` with one field.
Error field_error(std::string field, std::string message);

}  // namespace latchkey::base

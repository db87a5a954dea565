// Broken machinery (database gone, disk full, no entropy): thrown anywhere, caught only at the boundaries of
// lanes, background jobs and the command line, where it becomes 503 or 500.
#pragma once

#include <stdexcept>
#include <string>

#include "base/error.h"

namespace latchkey::base {

class InfraError : public std::runtime_error {
 public:
  // `code` is storage_unavailable, overloaded or internal_error; `detail` is for the log only.
  InfraError(ErrorCode code, const std::string& detail) : std::runtime_error(detail), code_(code) {}
  ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

}  // namespace latchkey::base

// Errors as answers.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/log.h"
#include "http/message.h"

namespace latchkey::http {

// Makes `response` the answer for `error`: status, the JSON of the contract, Retry-After. The error's detail
// does not get into it.
void write_problem(const base::Error& error, std::string_view request_id, Response& response);

// The JSON Schema of that body.
std::string problem_schema();

// The error for the exception that is being handled: an InfraError's own code, else internal_error.
base::Error error_of_current_exception() noexcept;

}  // namespace latchkey::http

#include "http/problem.h"

#include <exception>

#include "base/infra_error.h"
#include "base/json_text.h"

namespace latchkey::http {
namespace {

// The challenge of a 401 (RFC 9110 section 11.6.1). Without an error when the request brought no token, so
// that a client can tell "sign in" from "this token is not good" (RFC 6750 section 3.1).
std::string_view challenge(base::ErrorCode code) {
  using enum base::ErrorCode;
  const bool has_token = code != no_authorization && code != bearer_unset && code != bearer_prefix_missing;
  return has_token ? "Bearer error=\"invalid_token\"" : "Bearer";
}

}  // namespace

void write_problem(const base::Error& error, std::string_view request_id, Response& response) {
  const base::ErrorInfo& info = base::error_info(error.code);
  const std::string_view message = error.message ? std::string_view(*error.message) : info.message;
  response.clear();
  response.status = info.status;
  response.error = error.code;
  base::JsonWriter json(response.body);
  json.begin_object();
  json.member("code", info.name).member("error_code", info.name);
  json.member("message", message).member("msg", message);
  json.member("hint", error.hint ? std::string_view(*error.hint) : info.hint);
  json.member("request_id", request_id);
  if (error.code == base::ErrorCode::validation_failed) {
    json.key("fields").begin_object();
    for (const base::FieldError& field : error.fields) json.member(field.field, field.message);
    json.end_object();
  }
  if (error.code == base::ErrorCode::weak_password) {
    json.key("weak_password").begin_object().key("reasons").begin_array();
    for (const std::string& reason : error.reasons) json.value(reason);
    json.end_array().member("message", message).end_object();
  }
  json.end_object();
  if (info.status == 401) response.headers.emplace_back("WWW-Authenticate", challenge(error.code));
  if (error.retry_after || info.status == 503 || info.status == 429) {
    const auto seconds =
        std::max<std::int64_t>(1, error.retry_after.value_or(std::chrono::seconds(1)).count());
    response.headers.emplace_back("Retry-After", std::to_string(seconds));
  }
}

std::string problem_schema() {
  std::string out;
  base::JsonWriter json(out);
  const auto text = [&](std::string_view name, std::string_view doc) {
    json.key(name).begin_object().member("type", "string").member("description", doc).end_object();
  };
  json.begin_object().member("type", "object").key("properties").begin_object();
  text("code", "Stable name of what went wrong");
  text("error_code", "The same as code");
  text("message", "For a person; may be shown");
  text("msg", "The same as message");
  text("hint", "For the app builder");
  text("request_id", "Finds the request in the server's log");
  json.key("fields").begin_object().member("type", "object");
  json.member("description", "With validation_failed: each field and what is wrong with it");
  json.key("additionalProperties").begin_object().member("type", "string").end_object().end_object();
  json.key("weak_password").begin_object().member("type", "object");
  json.member("description", "With weak_password: everything that is wrong at once");
  json.key("properties").begin_object().key("reasons").begin_object().member("type", "array");
  json.key("items").begin_object().member("type", "string").end_object().end_object();
  text("message", "For a person");
  json.end_object().key("required").begin_array().value("reasons").value("message").end_array().end_object();
  json.end_object().key("required").begin_array();
  for (const char* name : {"code", "error_code", "message", "msg", "hint", "request_id"}) json.value(name);
  json.end_array().member("additionalProperties", false).end_object();
  return out;
}

base::Error error_of_current_exception() noexcept {
  try {
    throw;
  } catch (const base::InfraError& error) {
    return {.code = error.code(), .detail = error.what()};
  } catch (const std::exception& error) {
    return {.code = base::ErrorCode::internal_error, .detail = error.what()};
  } catch (...) {
    return {.code = base::ErrorCode::internal_error, .detail = "unknown exception"};
  }
}

}  // namespace latchkey::http

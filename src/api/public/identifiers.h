// Reading email, user name and phone out of requests.
#pragma once

#include <optional>

#include "api/dto/account.h"
#include "api/dto/session.h"
#include "domain/identifier.h"

namespace latchkey::api {

// Parses `text` when it is there, adding what is wrong to `problems`.
template <class T>
std::optional<T> parse_optional(const std::optional<std::string>& text,
                                std::vector<base::FieldError>& problems) {
  if (!text) return std::nullopt;
  auto parsed = T::parse(*text);
  if (parsed) return std::move(*parsed);
  for (auto& field : parsed.error().fields) problems.push_back(std::move(field));
  return std::nullopt;
}

// validation_failed with these fields.
inline base::Error fields_error(std::vector<base::FieldError> problems) {
  base::Error error{.code = base::ErrorCode::validation_failed};
  error.fields = std::move(problems);
  return error;
}

// The one identifier that a login names. Fails with validation_failed.
base::Result<domain::Identifier> identifier_of(const LoginRequest& request);

}  // namespace latchkey::api

#include "api/public/identifiers.h"

namespace latchkey::api {
namespace {

template <class T>
base::Result<domain::Identifier> as_identifier(const std::string& text) {
  auto parsed = T::parse(text);
  if (!parsed) return base::fail(std::move(parsed.error()));
  return domain::Identifier(std::move(*parsed));
}

}  // namespace

base::Result<domain::Identifier> identifier_of(const LoginRequest& request) {
  if (request.identifier) return domain::parse_identifier(*request.identifier);
  if (request.email) return as_identifier<domain::Email>(*request.email);
  if (request.username) return as_identifier<domain::Username>(*request.username);
  if (request.phone) return as_identifier<domain::Phone>(*request.phone);
  return base::fail(base::field_error("email", "Send email, username, phone or identifier."));
}

}  // namespace latchkey::api

// From the Authorization header to a principal: the only place that makes one.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "flows/authenticate.h"
#include "http/endpoint.h"

namespace latchkey::api {

// A signed-in person whose session lived when it was asked. Only authenticate.cc can make one, so a handler
// that takes it cannot run for anybody else.
class UserPrincipal {
 public:
  static constexpr http::Access kAccess = http::Access::user;

  const flows::Authenticated& who() const { return who_; }
  // Calls of one account are limited together, whatever address they come from.
  std::string_view limit_subject() const { return who_.user.id.uuid().as_string_view(); }

 private:
  friend class Authenticator;
  explicit UserPrincipal(flows::Authenticated who) : who_(std::move(who)) {}
  flows::Authenticated who_;
};

// The token of an Authorization header. Fails with no_authorization, bearer_unset, bearer_placeholder,
// bearer_doubled, bearer_prefix_missing or, for a second header of that name, bad_jwt. Pure; nothing of the
// header is repeated in the error.
base::Result<std::string_view> parse_bearer(const http::Call& call);

// What routes for signed-in people are given. Keeps a reference to the environment.
std::shared_ptr<const http::Authentication<UserPrincipal>> user_authentication(flows::Environment& env);

// The client as flows see it.
flows::Client client_of(const http::Call& call);

}  // namespace latchkey::api

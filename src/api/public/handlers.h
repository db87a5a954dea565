// The handlers of the public endpoints: from wire types to flows and back. Which endpoint each serves stands
// in table.cc.
#pragma once

#include <optional>
#include <string>

#include "api/authenticate.h"
#include "api/dto/account.h"
#include "api/dto/service.h"
#include "api/dto/session.h"
#include "flows/environment.h"
#include "http/endpoint.h"

namespace latchkey::api {

base::Result<void> handle_sign_up(flows::Environment& env, const SignUpRequest& request,
                                  const http::Call& call, http::Reply<SessionAnswer> reply);
base::Result<void> handle_login(flows::Environment& env, const LoginRequest& request, const http::Call& call,
                                http::Reply<SessionAnswer> reply);
base::Result<void> handle_refresh(flows::Environment& env, const RefreshRequest& request,
                                  const http::Call& call, http::Reply<SessionAnswer> reply);
base::Result<http::NoContent> handle_logout(flows::Environment& env, const UserPrincipal& principal,
                                            std::optional<flows::SignOutScope> scope, const http::Call& call);

base::Result<UserAnswer> handle_get_user(const UserPrincipal& principal);
base::Result<UserAnswer> handle_update_user(flows::Environment& env, const UserPrincipal& principal,
                                            const UpdateUserRequest& request, const http::Call& call);
base::Result<SessionList> handle_list_sessions(flows::Environment& env, const UserPrincipal& principal);
base::Result<http::NoContent> handle_revoke_session(flows::Environment& env, const UserPrincipal& principal,
                                                    const SessionIdRequest& request, const http::Call& call);

base::Result<HealthAnswer> handle_health(flows::Environment& env);
base::Result<SettingsAnswer> handle_settings(flows::Environment& env);

// The account that a request names, in one spelling, for limits; nothing when it names none that can be read.
std::optional<std::string> login_subject(const LoginRequest& request);
std::optional<std::string> sign_up_subject(const SignUpRequest& request);

}  // namespace latchkey::api

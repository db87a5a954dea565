// GET and PUT /user, /logout, /sessions: what signed-in people do with their own account.
#include "api/answers.h"
#include "api/public/handlers.h"
#include "api/public/identifiers.h"
#include "flows/own_sessions.h"
#include "flows/update_user.h"

namespace latchkey::api {

base::Result<UserAnswer> handle_get_user(const UserPrincipal& principal) {
  return make_user_answer(principal.who().user);
}

base::Result<UserAnswer> handle_update_user(flows::Environment& env, const UserPrincipal& principal,
                                            const UpdateUserRequest& request, const http::Call& call) {
  std::vector<base::FieldError> problems;
  flows::UpdateUser change;
  change.email = parse_optional<domain::Email>(request.email, problems);
  if (!problems.empty()) return base::fail(fields_error(std::move(problems)));
  change.user_metadata = request.data;
  change.password = request.password;
  change.current_password = request.current_password;
  const auto user = flows::update_user(env, principal.who(), change, client_of(call));
  if (!user) return base::fail(user.error());
  return make_user_answer(*user);
}

base::Result<http::NoContent> handle_logout(flows::Environment& env, const UserPrincipal& principal,
                                            std::optional<flows::SignOutScope> scope,
                                            const http::Call& call) {
  flows::sign_out(env, principal.who(), scope.value_or(flows::SignOutScope::global), client_of(call));
  return http::NoContent{};
}

base::Result<SessionList> handle_list_sessions(flows::Environment& env, const UserPrincipal& principal) {
  SessionList list;
  for (const domain::Session& session : flows::own_sessions(env, principal.who())) {
    list.sessions.push_back(make_session_row(session, principal.who().session.id));
  }
  return list;
}

base::Result<http::NoContent> handle_revoke_session(flows::Environment& env, const UserPrincipal& principal,
                                                    const SessionIdRequest& request, const http::Call& call) {
  const auto id = domain::SessionId::parse(request.id);
  if (!id) return base::fail(base::ErrorCode::not_found, "not a session id");
  auto revoked = flows::revoke_own_session(env, principal.who(), *id, client_of(call));
  if (!revoked) return base::fail(std::move(revoked.error()));
  return http::NoContent{};
}

}  // namespace latchkey::api

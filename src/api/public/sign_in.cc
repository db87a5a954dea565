// POST /signup, /login, /token and the like: everything that answers a session.
#include "flows/sign_in.h"

#include "api/answers.h"
#include "api/public/handlers.h"
#include "api/public/identifiers.h"
#include "flows/refresh.h"
#include "flows/sign_up.h"

namespace latchkey::api {
namespace {

// A flow's `done` that answers with the session.
flows::WhenSignedIn answer_into(http::Reply<SessionAnswer> reply) {
  return [reply = std::move(reply)](flows::FinishSignedIn finish) mutable {
    reply([finish = std::move(finish)]() mutable -> base::Result<SessionAnswer> {
      const auto signed_in = finish();
      if (!signed_in) return base::fail(signed_in.error());
      return make_session_answer(*signed_in);
    });
  };
}

}  // namespace

base::Result<void> handle_sign_up(flows::Environment& env, const SignUpRequest& request,
                                  const http::Call& call, http::Reply<SessionAnswer> reply) {
  std::vector<base::FieldError> problems;
  flows::SignUp sign_up;
  sign_up.email = parse_optional<domain::Email>(request.email, problems);
  sign_up.username = parse_optional<domain::Username>(request.username, problems);
  sign_up.phone = parse_optional<domain::Phone>(request.phone, problems);
  if (!problems.empty()) return base::fail(fields_error(std::move(problems)));
  sign_up.password = request.password;
  if (request.data) sign_up.user_metadata = *request.data;
  return flows::sign_up(env, sign_up, client_of(call), answer_into(std::move(reply)));
}

base::Result<void> handle_login(flows::Environment& env, const LoginRequest& request, const http::Call& call,
                                http::Reply<SessionAnswer> reply) {
  auto identifier = identifier_of(request);
  if (!identifier) return base::fail(std::move(identifier.error()));
  return flows::sign_in(env, {std::move(*identifier), request.password}, client_of(call),
                        answer_into(std::move(reply)));
}

base::Result<void> handle_refresh(flows::Environment& env, const RefreshRequest& request,
                                  const http::Call& call, http::Reply<SessionAnswer> reply) {
  std::string_view token;
  if (request.refresh_token) {
    token = *request.refresh_token;
  } else if (const auto bearer = parse_bearer(call)) {
    token = *bearer;
  } else {
    return base::fail(base::field_error("refresh_token", "Send the refresh token of the last answer."));
  }
  return flows::refresh(env, token, client_of(call), answer_into(std::move(reply)));
}

std::optional<std::string> login_subject(const LoginRequest& request) {
  const auto identifier = identifier_of(request);
  if (!identifier) return std::nullopt;
  return domain::identifier_key(*identifier);
}

std::optional<std::string> sign_up_subject(const SignUpRequest& request) {
  LoginRequest named;
  named.email = request.email;
  named.username = request.username;
  named.phone = request.phone;
  return login_subject(named);
}

}  // namespace latchkey::api

#include "api/table.h"

#include <array>
#include <mutex>

#include "api/authenticate.h"
#include "api/buckets.h"
#include "api/public/handlers.h"

namespace latchkey::api {
namespace {

using base::ErrorCode;
using http::Access;
using http::Anyone;
using http::Cost;
using http::Endpoint;
using http::Errors;
using http::In;
using http::Method;
using http::NoContent;
using http::NoInput;
using http::RawBody;

constexpr Errors kSignUpErrors{ErrorCode::user_already_exists, ErrorCode::weak_password,
                               ErrorCode::signup_disabled};
constexpr Errors kLoginErrors{ErrorCode::invalid_credentials, ErrorCode::user_banned};
constexpr Errors kRefreshErrors{ErrorCode::refresh_token_not_found, ErrorCode::refresh_token_already_used,
                                ErrorCode::session_expired, ErrorCode::user_banned};
constexpr Errors kUpdateErrors{ErrorCode::invalid_credentials, ErrorCode::reauthentication_needed,
                               ErrorCode::weak_password, ErrorCode::same_password,
                               ErrorCode::user_already_exists};

// clang-format off
// --- sessions: who may come in

constexpr Endpoint<Anyone, SignUpRequest, SessionAnswer> kSignUp{
    .method = Method::post, .path = "/signup", .operation_id = "sign_up",
    .summary = "Create an account and sign in",
    .access = Access::anyone, .bucket = kSignUpBucket, .cost = Cost::hash, .errors = kSignUpErrors,
    .description = "Give an email, a username or a phone, and a password.",
    .tag = "sessions", .limit_subject = sign_up_subject};

constexpr Endpoint<Anyone, LoginRequest, SessionAnswer> kLogin{
    .method = Method::post, .path = "/login", .operation_id = "login",
    .summary = "Sign in with a password",
    .access = Access::anyone, .bucket = kLoginBucket, .cost = Cost::hash, .errors = kLoginErrors,
    .tag = "sessions", .limit_subject = login_subject};

constexpr Endpoint<Anyone, LoginRequest, SessionAnswer> kPasswordGrant{
    .method = Method::post, .path = "/token", .operation_id = "token_password",
    .summary = "Sign in or refresh (OAuth 2.0 and GoTrue spelling)",
    .access = Access::anyone, .bucket = kLoginBucket, .cost = Cost::hash, .errors = kLoginErrors,
    .tag = "sessions", .selector = {In::query, "grant_type", "password"}, .limit_subject = login_subject};

constexpr Endpoint<Anyone, RefreshRequest, SessionAnswer> kRefreshGrant{
    .method = Method::post, .path = "/token", .operation_id = "token_refresh",
    .summary = "Sign in or refresh (OAuth 2.0 and GoTrue spelling)",
    .access = Access::anyone, .bucket = kRefreshBucket, .cost = Cost::one_write, .errors = kRefreshErrors,
    .tag = "sessions", .selector = {In::query, "grant_type", "refresh_token"}};

constexpr Endpoint<Anyone, RefreshRequest, SessionAnswer> kRefresh{
    .method = Method::post, .path = "/refresh", .operation_id = "refresh",
    .summary = "Get a new pair of tokens",
    .access = Access::anyone, .bucket = kRefreshBucket, .cost = Cost::one_write, .errors = kRefreshErrors,
    .description = "The refresh token in the body, or as the bearer. Store everything that comes back.",
    .tag = "sessions"};

constexpr Endpoint<UserPrincipal, LogoutRequest, NoContent> kLogout{
    .method = Method::post, .path = "/logout", .operation_id = "logout",
    .summary = "Sign out",
    .access = Access::user, .bucket = kUserBucket, .cost = Cost::storage, .errors = Errors::none(),
    .description = "Both tokens of every session it ends are dead at once.",
    .tag = "sessions"};

// One address for everything, for plans that allow two API calls.
constexpr std::string_view kSessionSummary = "Sign up, sign in, refresh or sign out by action";

constexpr Endpoint<Anyone, SignUpRequest, SessionAnswer> kSessionSignUp{
    .method = Method::post, .path = "/session", .operation_id = "session_sign_up",
    .summary = kSessionSummary,
    .access = Access::anyone, .bucket = kSignUpBucket, .cost = Cost::hash, .errors = kSignUpErrors,
    .tag = "sessions", .selector = {In::body, "action", "signup"}, .limit_subject = sign_up_subject};
constexpr Endpoint<Anyone, LoginRequest, SessionAnswer> kSessionLogin{
    .method = Method::post, .path = "/session", .operation_id = "session_login",
    .summary = kSessionSummary,
    .access = Access::anyone, .bucket = kLoginBucket, .cost = Cost::hash, .errors = kLoginErrors,
    .tag = "sessions", .selector = {In::body, "action", "login"}, .limit_subject = login_subject};
constexpr Endpoint<Anyone, RefreshRequest, SessionAnswer> kSessionRefresh{
    .method = Method::post, .path = "/session", .operation_id = "session_refresh",
    .summary = kSessionSummary,
    .access = Access::anyone, .bucket = kRefreshBucket, .cost = Cost::one_write, .errors = kRefreshErrors,
    .tag = "sessions", .selector = {In::body, "action", "refresh"}};
constexpr Endpoint<UserPrincipal, LogoutActionRequest, NoContent> kSessionLogout{
    .method = Method::post, .path = "/session", .operation_id = "session_logout",
    .summary = kSessionSummary,
    .access = Access::user, .bucket = kUserBucket, .cost = Cost::storage, .errors = Errors::none(),
    .tag = "sessions", .selector = {In::body, "action", "logout"}};

// --- the account: its owner only

constexpr Endpoint<UserPrincipal, NoInput, UserAnswer> kGetUser{
    .method = Method::get, .path = "/user", .operation_id = "get_user",
    .summary = "Who am I",
    .access = Access::user, .bucket = kUserBucket, .cost = Cost::principal, .errors = Errors::none(),
    .tag = "account"};

constexpr Endpoint<UserPrincipal, UpdateUserRequest, UserAnswer> kPutUser{
    .method = Method::put, .path = "/user", .operation_id = "update_user",
    .summary = "Change own data, email or password",
    .access = Access::user, .bucket = kUserBucket, .cost = Cost::hash, .errors = kUpdateErrors,
    .description = "A new password ends all other sessions.",
    .tag = "account"};
constexpr Endpoint<UserPrincipal, UpdateUserRequest, UserAnswer> kPatchUser{
    .method = Method::patch, .path = "/user", .operation_id = "patch_user",
    .summary = "The same as PUT",
    .access = Access::user, .bucket = kUserBucket, .cost = Cost::hash, .errors = kUpdateErrors,
    .tag = "account"};

constexpr Endpoint<UserPrincipal, NoInput, SessionList> kListSessions{
    .method = Method::get, .path = "/sessions", .operation_id = "list_sessions",
    .summary = "Where am I signed in",
    .access = Access::user, .bucket = kUserBucket, .cost = Cost::storage, .errors = Errors::none(),
    .tag = "account"};

constexpr Endpoint<UserPrincipal, SessionIdRequest, NoContent> kRevokeSession{
    .method = Method::del, .path = "/sessions/{id}", .operation_id = "revoke_session",
    .summary = "Sign out one device",
    .access = Access::user, .bucket = kUserBucket, .cost = Cost::storage, .errors = {ErrorCode::not_found},
    .tag = "account"};

// --- the service: anyone

constexpr Endpoint<Anyone, NoInput, RawBody> kJwks{
    .method = Method::get, .path = "/.well-known/jwks.json", .operation_id = "jwks",
    .summary = "The public keys that verify access tokens (RFC 7517)",
    .access = Access::anyone, .bucket = kAnonymousBucket, .cost = Cost::memory, .errors = Errors::none(),
    .tag = "service"};
constexpr Endpoint<Anyone, NoInput, HealthAnswer> kHealth{
    .method = Method::get, .path = "/health", .operation_id = "health",
    .summary = "Whether the environment works",
    .access = Access::anyone, .bucket = kAnonymousBucket, .cost = Cost::point_read, .errors = Errors::none(),
    .tag = "service"};

constexpr Endpoint<Anyone, NoInput, SettingsAnswer> kSettings{
    .method = Method::get, .path = "/settings", .operation_id = "settings",
    .summary = "What is enabled",
    .access = Access::anyone, .bucket = kAnonymousBucket, .cost = Cost::memory, .errors = Errors::none(),
    .tag = "service"};

// --- the root: anyone; monitors are not limited

constexpr Endpoint<Anyone, NoInput, RawBody> kRootJwks{
    .method = Method::get, .path = "/.well-known/jwks.json", .operation_id = "root_jwks",
    .summary = "The public keys at the root",
    .access = Access::anyone, .bucket = kAnonymousBucket, .cost = Cost::memory, .errors = Errors::none(),
    .tag = "service"};

constexpr Endpoint<Anyone, NoInput, StatusAnswer> kHealthz{
    .method = Method::get, .path = "/healthz", .operation_id = "healthz",
    .summary = "Whether the process lives",
    .access = Access::anyone, .bucket = http::kUnlimited, .cost = Cost::memory, .errors = Errors::none(),
    .tag = "service"};

constexpr Endpoint<Anyone, NoInput, StatusAnswer> kReadyz{
    .method = Method::get, .path = "/readyz", .operation_id = "readyz",
    .summary = "Whether requests can be served: 503 when the database is away",
    .access = Access::anyone, .bucket = http::kUnlimited, .cost = Cost::point_read, .errors = Errors::none(),
    .tag = "service"};

constexpr Endpoint<Anyone, NoInput, RawBody> kOpenApi{
    .method = Method::get, .path = "/openapi.json", .operation_id = "openapi",
    .summary = "This document",
    .access = Access::anyone, .bucket = kAnonymousBucket, .cost = Cost::memory, .errors = Errors::none(),
    .tag = "service"};

constexpr Endpoint<Anyone, NoInput, RawBody> kMetrics{
    .method = Method::get, .path = "/metrics", .operation_id = "metrics",
    .summary = "Figures for Prometheus, to clients on this machine",
    .access = Access::anyone, .bucket = http::kUnlimited, .cost = Cost::storage, .errors = {ErrorCode::not_found},
    .tag = "service", .content_type = "text/plain; version=0.0.4"};

// clang-format on
// --- the handlers behind them

// The key set as bytes, built again only when the keys have changed. Verifiers may keep it for five minutes:
// a key is published long before it signs.
class JwksContent {
 public:
  explicit JwksContent(flows::Environment& env) : env_(env) {}
  std::shared_ptr<const http::RawContent> get() {
    const auto keys = env_.keys();
    const std::lock_guard lock(mutex_);
    if (keys->ring != ring_) {
      ring_ = keys->ring;
      content_ = std::make_shared<const http::RawContent>(
          http::RawContent{.body = ring_->jwks(), .cache_control = "public, max-age=300"});
    }
    return content_;
  }

 private:
  flows::Environment& env_;
  std::mutex mutex_;
  std::shared_ptr<const domain::KeyRing> ring_;
  std::shared_ptr<const http::RawContent> content_;
};

http::Handler<Anyone, NoInput, RawBody> jwks_handler(flows::Environment& env) {
  return [content = std::make_shared<JwksContent>(env)](const Anyone&, const NoInput&,
                                                        const http::Call&) -> base::Result<RawBody> {
    return RawBody{content->get()};
  };
}

// Whether the caller sits on this machine itself: a proxy here would make everybody look like that.
bool is_local(const http::Call& call) {
  for (const char* forwarded : {"forwarded", "x-forwarded-for", "x-real-ip", "via"}) {
    if (call.request.find_header(forwarded)) return false;
  }
  static constexpr std::array<std::uint8_t, 16> kV6Loopback{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return (call.client.is_v4() && call.client.bytes()[12] == 127) || call.client.bytes() == kV6Loopback;
}

// A deferred handler that needs the environment, for endpoints that anyone may call.
template <class Request, class Answer>
http::DeferredHandler<Anyone, Request, Answer> open(
    flows::Environment& env, base::Result<void> (*handle)(flows::Environment&, const Request&,
                                                          const http::Call&, http::Reply<Answer>)) {
  return [&env, handle](const Anyone&, const Request& request, const http::Call& call,
                        http::Reply<Answer> reply) { return handle(env, request, call, std::move(reply)); };
}

}  // namespace

void add_environment(http::Router& router, std::string_view base, flows::Environment& env) {
  const auto user = user_authentication(env);
  const auto logout = [&env](const UserPrincipal& principal, const auto& request, const http::Call& call) {
    return handle_logout(env, principal, request.scope, call);
  };
  const auto update_user = [&env](const UserPrincipal& principal, const UpdateUserRequest& request,
                                  const http::Call& call) {
    return handle_update_user(env, principal, request, call);
  };

  router.add_deferred(base, kSignUp, open(env, handle_sign_up));
  router.add_deferred(base, kLogin, open(env, handle_login));
  router.add_deferred(base, kPasswordGrant, open(env, handle_login));
  router.add_deferred(base, kRefreshGrant, open(env, handle_refresh));
  router.add_deferred(base, kRefresh, open(env, handle_refresh));
  router.add(base, kLogout, logout, user);
  router.add_deferred(base, kSessionSignUp, open(env, handle_sign_up));
  router.add_deferred(base, kSessionLogin, open(env, handle_login));
  router.add_deferred(base, kSessionRefresh, open(env, handle_refresh));
  router.add(base, kSessionLogout, logout, user);

  router.add(
      base, kGetUser,
      [](const UserPrincipal& principal, const NoInput&, const http::Call&) {
        return handle_get_user(principal);
      },
      user);
  router.add(base, kPutUser, update_user, user);
  router.add(base, kPatchUser, update_user, user);
  router.add(
      base, kListSessions,
      [&env](const UserPrincipal& principal, const NoInput&, const http::Call&) {
        return handle_list_sessions(env, principal);
      },
      user);
  router.add(
      base, kRevokeSession,
      [&env](const UserPrincipal& principal, const SessionIdRequest& request, const http::Call& call) {
        return handle_revoke_session(env, principal, request, call);
      },
      user);

  router.add(base, kJwks, jwks_handler(env));
  router.add(base, kHealth,
             [&env](const Anyone&, const NoInput&, const http::Call&) { return handle_health(env); });
  router.add(base, kSettings,
             [&env](const Anyone&, const NoInput&, const http::Call&) { return handle_settings(env); });
}

void add_root(http::Router& router, flows::Environment& live, const RootDocuments& documents) {
  router.add("", kRootJwks, jwks_handler(live));
  router.add("", kHealthz, [](const Anyone&, const NoInput&, const http::Call&) { return StatusAnswer{}; });
  router.add("", kReadyz, [&live](const Anyone&, const NoInput&, const http::Call&) {
    live.store().check_health();
    return StatusAnswer{};
  });
  if (documents.openapi) {
    router.add("", kOpenApi, [openapi = documents.openapi](const Anyone&, const NoInput&, const http::Call&) {
      return RawBody{openapi()};
    });
  }
  if (documents.metrics) {
    router.add("", kMetrics,
               [metrics = documents.metrics](const Anyone&, const NoInput&,
                                             const http::Call& call) -> base::Result<RawBody> {
                 if (!is_local(call)) return base::fail(ErrorCode::not_found, "metrics are for this machine");
                 return RawBody{metrics()};
               });
  }
}

void add_metrics(http::Router& router, const Document& metrics) {
  router.add("", kMetrics,
             [metrics](const Anyone&, const NoInput&, const http::Call&) { return RawBody{metrics()}; });
}

}  // namespace latchkey::api

// A small auth server that does everything right, and on request one thing wrong: what the doctor is tried
// on.
//
//   POST /auth/signup, /auth/login, /auth/refresh, /auth/logout, GET /auth/me, GET /.well-known/jwks.json
//
// It shares no code with Latchkey's own server but the signing of tokens, so that the doctor meets something
// else.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/random.h"
#include "crypto/signing_key.h"

namespace latchkey::e2e {

// What the server does wrong. Names say what a caller meets.
enum class Fault : std::uint8_t {
  // --- what is there
  login_missing,
  signup_missing,
  refresh_missing,
  protected_missing,
  logout_missing,
  login_redirects,  // 302 from POST /auth/login to /auth/login/, which answers GET with a page
  tunnel_page,      // a warning page for people in front of every answer, as free tunnels have
  slow_login,       // the login answers after kSlowAnswer
  never_answers,    // the login's answer never comes
  // --- the answer of a login
  login_is_text,   // the token as text/plain
  charset_latin1,  // ISO-8859-1, with umlauts in the user's name, and nothing says so
  refuses_content_type_parameters,
  token_left_out,
  refresh_token_left_out,
  expiry_left_out,
  uid_left_out,
  uid_is_number,
  uid_type_varies,      // a number at sign-up, text at login
  expiry_type_varies,   // expires_at as a number at login, as text at refresh
  expiry_without_zone,  // "2026-11-26T07:00:00"
  expiry_in_past,
  expiry_after_a_minute,
  clock_an_hour_behind,  // the Date header and every time of the server
  // --- the token
  token_opaque,
  token_alg_none,  // hands out unsigned tokens
  token_without_exp,
  token_exp_as_text,
  token_of_other_user,  // sub is not the uid
  jwks_missing,
  jwks_other_key,
  // --- the protected endpoint
  protected_open,    // 200 without any token
  nobody_is_null,    // 200 and null instead of 401: no fault, some servers are so
  accepts_tampered,  // reads the token and does not check the signature
  accepts_none,      // checks signatures, but takes alg none
  // --- refusing
  wrong_password_accepted,  // signs in whatever the password
  wrong_password_is_200,    // 200 with {"success": false, "message": …}
  unknown_account_is_200,
  unknown_account_told,    // 404 "No such user" instead of 401
  empty_body_crashes,      // 500 on a body of no bytes and on {}
  malformed_body_crashes,  // 500 on what is no JSON
  errors_are_html,
  errors_without_message,
  quote_crashes,  // 500 on ' or " in a password
  emoji_crashes,  // 500 on characters outside the BMP
  stack_trace,    // in the body of 400 for malformed bodies
  // --- refreshing
  refresh_without_refresh_token,  // the answer has a new access token only
  refresh_same_access_token,      // the old access token again
  refresh_strict,                 // the second use of a token, in parallel or after a lost answer, is refused
  refresh_strict_kills,           // and ends the session at once
  refresh_never_rotates_away,     // every old refresh token works for ever
  refresh_garbage_crashes,
  refresh_garbage_accepted,
  // --- logging out
  logout_keeps_access,
  logout_keeps_refresh,
  // --- CORS
  preflight_missing,      // 404 for OPTIONS
  preflight_needs_login,  // 401 for OPTIONS
  cors_missing,           // no CORS header anywhere
  cors_missing_on_errors,
  cors_without_authorization,  // Access-Control-Allow-Headers: content-type
  cors_wildcard_with_credentials,
  cors_other_origin,  // always allows https://other.example only
  origin_forbidden,   // 403 to whoever names an origin, without CORS headers
  // --- the rest
  cookies_only,   // the session is a cookie, the answer has no token
  no_rate_limit,  // says nothing of limits and never refuses
};

// Certificates of a test: an authority of its own, and what is served under it.
struct TlsSetup {
  std::string name = "127.0.0.1";  // in the certificate: a DNS name or an address
  int days_left = 90;              // negative: expired that long ago
  bool self_signed = false;        // not by the authority
  bool only_tls_1_1 = false;
};

class FaultyServer {
 public:
  // `tls`: https with such a certificate.
  explicit FaultyServer(std::set<Fault> faults = {}, std::optional<TlsSetup> tls = {});
  FaultyServer(const FaultyServer&) = delete;
  FaultyServer& operator=(const FaultyServer&) = delete;
  ~FaultyServer();

  // The account that is there from the begin.
  static constexpr std::string_view kEmail = "dummy@example.com";
  static constexpr std::string_view kPassword = "correct-horse-battery";
  static constexpr std::chrono::milliseconds kSlowAnswer{200};

  std::uint16_t port() const { return port_; }
  std::string url() const;
  // The authority's certificate as PEM; empty without TLS.
  const std::string& authority_pem() const { return authority_pem_; }

  // What was asked so far: "POST /auth/login".
  std::vector<std::string> seen() const;
  std::size_t accounts() const;

 private:
  struct Request;
  struct Answer;
  struct Session;
  struct Account;
  struct Tls;

  bool has(Fault fault) const { return faults_.contains(fault); }
  void accept_connections();
  void serve(int socket);
  Answer answer(const Request& request);
  Answer route(const Request& request);
  Answer sign_up(const Request& request);
  Answer log_in(const Request& request);
  Answer refresh(const Request& request);
  Answer who_am_i(const Request& request);
  Answer log_out(const Request& request);
  Answer key_set() const;
  Answer problem(int status, std::string_view code, std::string_view message) const;
  Answer session_answer(const std::string& uid, const std::string& session, std::string_view from);
  void add_cors(const Request& request, Answer& answer) const;
  std::string access_token(const std::string& uid, const std::string& session) const;
  std::string new_id(std::string_view prefix);
  // The session that the request's access token names; nothing when it is not good.
  Session* find_session(const Request& request);
  std::int64_t now() const;

  const std::set<Fault> faults_;
  std::unique_ptr<Tls> tls_;
  std::string authority_pem_;
  mutable base::SystemRandom random_;
  crypto::SigningKey key_;
  crypto::SigningKey other_key_;
  int listener_ = -1;
  std::uint16_t port_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable stopped_changed_;
  bool stopped_ = false;
  std::vector<std::string> seen_;
  std::map<std::string, Account> accounts_;            // by email
  std::map<std::string, Session> sessions_;            // by session id
  std::map<std::string, std::string> refresh_tokens_;  // token -> session id
  int ids_ = 0;
  int failures_ = 0;

  std::vector<std::thread> connections_;
  std::vector<int> sockets_;
  std::thread acceptor_;
};

}  // namespace latchkey::e2e

#include "support/faulty_server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <ctime>
#include <stdexcept>

#include "base/clock.h"
#include "crypto/base64url.h"
#include "crypto/jws.h"

namespace latchkey::e2e {

namespace json = boost::json;

namespace {

constexpr std::size_t kLargestRequest = 1U << 20U;
constexpr std::int64_t kAccessLifetime = 3600;
constexpr std::int64_t kHour = 3600;
constexpr std::string_view kKeyId = "key-1";
constexpr int kFailuresBeforeLimit = 60;

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool has_character_beyond_bmp(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0xF0U) return true;
  }
  return false;
}

std::string http_date(std::int64_t seconds) {
  const std::time_t time = seconds;
  std::tm parts{};
  gmtime_r(&time, &parts);
  std::array<char, 64> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text.data(), size};
}

std::string_view reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 204:
      return "No Content";
    case 302:
      return "Found";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 404:
      return "Not Found";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Entity";
    case 429:
      return "Too Many Requests";
    case 500:
      return "Internal Server Error";
    default:
      return "Status";
  }
}

template <class T, void (*Free)(T*)>
struct FreeWith {
  void operator()(T* object) const { Free(object); }
};
template <class T, void (*Free)(T*)>
using Owned = std::unique_ptr<T, FreeWith<T, Free>>;
using Key = Owned<EVP_PKEY, EVP_PKEY_free>;
using Certificate = Owned<X509, X509_free>;
using Context = Owned<SSL_CTX, SSL_CTX_free>;
using Connection = Owned<SSL, SSL_free>;

void require(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(std::string("faulty server: ") + what);
}

// `issuer` and `issuer_key` null: signed by itself.
Certificate make_certificate(const std::string& common_name, const std::string& alternative_name,
                             EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key, int days_left) {
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), issuer == nullptr ? 1 : 2);
  X509_time_adj_ex(X509_getm_notBefore(certificate.get()), std::min(days_left, 0) - 100, 0, nullptr);
  X509_time_adj_ex(X509_getm_notAfter(certificate.get()), days_left, 0, nullptr);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), issuer == nullptr ? name : X509_get_subject_name(issuer));
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer == nullptr ? certificate.get() : issuer, certificate.get(), nullptr,
                 nullptr, 0);
  const auto add = [&](int kind, const std::string& value) {
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    require(extension != nullptr, "an extension of a certificate");
    X509_add_ext(certificate.get(), extension, -1);
    X509_EXTENSION_free(extension);
  };
  add(NID_basic_constraints, alternative_name.empty() ? "critical,CA:TRUE" : "critical,CA:FALSE");
  if (!alternative_name.empty()) add(NID_subject_alt_name, alternative_name);
  require(X509_sign(certificate.get(), issuer_key == nullptr ? key : issuer_key, EVP_sha256()) > 0,
          "signing");
  return certificate;
}

std::string pem_of(X509* certificate) {
  const Owned<BIO, BIO_free_all> memory(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(memory.get(), certificate);
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

// The value of `name` in a header such as `lk=abc; other=1`.
std::string cookie_of(std::string_view header, std::string_view name) {
  const std::string key = std::string(name) + "=";
  const std::size_t begin = header.find(key);
  if (begin == std::string_view::npos) return {};
  const std::string_view rest = header.substr(begin + key.size());
  return std::string(rest.substr(0, rest.find(';')));
}

}  // namespace

struct FaultyServer::Request {
  std::string method;
  std::string path;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
  std::optional<json::object> fields;  // of a JSON object

  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
  }
  // A text field of the body; empty when there is none.
  std::string field(std::string_view name) const {
    if (!fields) return {};
    const json::value* const value = fields->if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
  }
};

struct FaultyServer::Answer {
  int status = 200;
  std::string body = {};
  std::string content_type = "application/json; charset=utf-8";
  std::vector<std::pair<std::string, std::string>> headers = {};
};

struct FaultyServer::Account {
  std::string uid;
  std::string password;
};

struct FaultyServer::Session {
  std::string uid;
  std::string previous = {};  // the refresh token before the current one
  std::string current = {};
  std::string access = {};  // the last access token
  bool ended = false;
  bool access_ended = false;
};

struct FaultyServer::Tls {
  Context context;
};

FaultyServer::FaultyServer(std::set<Fault> faults, std::optional<TlsSetup> tls)
    : faults_(std::move(faults)),
      key_(crypto::SigningKey::generate(crypto::SigningAlgorithm::es256, random_)),
      other_key_(crypto::SigningKey::generate(crypto::SigningAlgorithm::es256, random_)) {
  if (tls) {
    const Key authority_key(EVP_EC_gen("P-256"));
    const Key key(EVP_EC_gen("P-256"));
    const Certificate authority =
        make_certificate("Test authority", "", authority_key.get(), nullptr, nullptr, 3650);
    in_addr ignored{};
    const bool is_address = inet_pton(AF_INET, tls->name.c_str(), &ignored) == 1;
    const Certificate certificate =
        make_certificate(tls->name, (is_address ? "IP:" : "DNS:") + tls->name, key.get(),
                         tls->self_signed ? nullptr : authority.get(),
                         tls->self_signed ? nullptr : authority_key.get(), tls->days_left);
    authority_pem_ = pem_of(authority.get());
    tls_ = std::make_unique<Tls>();
    tls_->context.reset(SSL_CTX_new(TLS_server_method()));
    if (tls->only_tls_1_1) {
      SSL_CTX_set_security_level(tls_->context.get(), 0);
      SSL_CTX_set_min_proto_version(tls_->context.get(), TLS1_VERSION);
      SSL_CTX_set_max_proto_version(tls_->context.get(), TLS1_1_VERSION);
      SSL_CTX_set_cipher_list(tls_->context.get(), "ALL:@SECLEVEL=0");
    }
    require(SSL_CTX_use_certificate(tls_->context.get(), certificate.get()) == 1 &&
                SSL_CTX_use_PrivateKey(tls_->context.get(), key.get()) == 1,
            "using a certificate");
  }
  accounts_[std::string(kEmail)] = {.uid = new_id("user-"), .password = std::string(kPassword)};

  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  require(bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
              listen(listener_, 64) == 0 &&
              getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0,
          "listening");
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_connections(); });
}

FaultyServer::~FaultyServer() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    for (const int socket : sockets_) ::shutdown(socket, SHUT_RDWR);
  }
  stopped_changed_.notify_all();
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  for (std::thread& connection : connections_) connection.join();
  ::close(listener_);
}

std::string FaultyServer::url() const {
  return fmt::format("{}://127.0.0.1:{}", tls_ ? "https" : "http", port_);
}

std::vector<std::string> FaultyServer::seen() const {
  const std::lock_guard lock(mutex_);
  return seen_;
}

std::size_t FaultyServer::accounts() const {
  const std::lock_guard lock(mutex_);
  return accounts_.size();
}

void FaultyServer::accept_connections() {
  for (;;) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const std::lock_guard lock(mutex_);
    if (stopped_) {
      if (socket >= 0) ::close(socket);
      return;
    }
    if (socket < 0) continue;
    sockets_.push_back(socket);
    connections_.emplace_back([this, socket] { serve(socket); });
  }
}

// One request, one answer, and the end of the connection.
void FaultyServer::serve(int socket) {
  Connection tls;
  bool usable = true;
  if (tls_) {
    tls.reset(SSL_new(tls_->context.get()));
    SSL_set_fd(tls.get(), socket);
    usable = SSL_accept(tls.get()) == 1;
  }
  const auto read_some = [&](char* to, std::size_t size) -> long {
    return tls ? SSL_read(tls.get(), to, static_cast<int>(size)) : ::recv(socket, to, size, 0);
  };
  std::string bytes;
  std::size_t head_end = std::string::npos;
  std::size_t whole = 0;
  Request request;
  while (usable && (head_end == std::string::npos || bytes.size() < whole)) {
    std::array<char, 4096> buffer{};
    const long size = read_some(buffer.data(), buffer.size());
    if (size <= 0 || bytes.size() > kLargestRequest) {
      usable = false;
      break;
    }
    bytes.append(buffer.data(), static_cast<std::size_t>(size));
    if (head_end != std::string::npos) continue;
    head_end = bytes.find("\r\n\r\n");
    if (head_end == std::string::npos) continue;
    std::size_t line_begin = 0;
    bool is_first = true;
    while (line_begin < head_end) {
      const std::size_t line_end = bytes.find("\r\n", line_begin);
      const std::string line = bytes.substr(line_begin, line_end - line_begin);
      line_begin = line_end + 2;
      if (is_first) {
        request.method = line.substr(0, line.find(' '));
        const std::size_t path = line.find(' ') + 1;
        request.path = line.substr(path, line.find(' ', path) - path);
        request.path = request.path.substr(0, request.path.find('?'));
        is_first = false;
      } else if (const std::size_t colon = line.find(':'); colon != std::string::npos) {
        const std::size_t value = line.find_first_not_of(' ', colon + 1);
        request.headers[lower_case(line.substr(0, colon))] =
            value == std::string::npos ? "" : line.substr(value);
      }
    }
    const std::string length = request.header("content-length");
    whole = head_end + 4 + (length.empty() ? 0 : std::stoul(length));
  }
  if (usable) {
    request.body = bytes.substr(head_end + 4);
    boost::system::error_code error;
    const json::value parsed = json::parse(request.body, error);
    if (!error && parsed.is_object()) request.fields = parsed.get_object();
    const Answer result = answer(request);
    std::string out = fmt::format("HTTP/1.1 {} {}\r\n", result.status, reason_of(result.status));
    for (const auto& [name, value] : result.headers) out += fmt::format("{}: {}\r\n", name, value);
    if (!result.body.empty()) out += fmt::format("Content-Type: {}\r\n", result.content_type);
    out += fmt::format("Date: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", http_date(now()),
                       result.body.size());
    out += result.body;
    if (tls) {
      SSL_write(tls.get(), out.data(), static_cast<int>(out.size()));
      SSL_shutdown(tls.get());
    } else {
      ::send(socket, out.data(), out.size(), MSG_NOSIGNAL);
    }
  }
  tls.reset();
  const std::lock_guard lock(mutex_);
  std::erase(sockets_, socket);
  ::close(socket);
}

FaultyServer::Answer FaultyServer::answer(const Request& request) {
  std::unique_lock lock(mutex_);
  seen_.push_back(request.method + " " + request.path);
  if (request.path == "/auth/login" && request.method == "POST") {
    const auto is_stopped = [this] { return stopped_; };
    if (has(Fault::slow_login)) stopped_changed_.wait_for(lock, kSlowAnswer, is_stopped);
    if (has(Fault::never_answers)) stopped_changed_.wait(lock, is_stopped);
  }
  if (has(Fault::tunnel_page) && request.header("ngrok-skip-browser-warning").empty()) {
    return {
        .status = 200,
        .body =
            "<!DOCTYPE html><html><head><title>ngrok</title></head><body><p>You are about to visit a site "
            "that is "
            "served for free through ngrok.com. ERR_NGROK_6024</p><button>Visit Site</button></body></html>",
        .content_type = "text/html"};
  }
  Answer result = has(Fault::origin_forbidden) && !request.header("origin").empty()
                      ? problem(403, "invalid_origin", "Invalid origin")
                      : route(request);
  if (has(Fault::errors_are_html) && result.status >= 400) {
    result.body = fmt::format("<html><body><h1>{}</h1></body></html>", reason_of(result.status));
    result.content_type = "text/html; charset=utf-8";
  }
  if (has(Fault::errors_without_message) && result.status >= 400) result.body = "{}";
  add_cors(request, result);
  return result;
}

FaultyServer::Answer FaultyServer::route(const Request& request) {
  const bool is_known = request.path == "/auth/login" || request.path == "/auth/signup" ||
                        request.path == "/auth/refresh" || request.path == "/auth/logout" ||
                        request.path == "/auth/me";
  if (request.method == "OPTIONS" && is_known) {
    if (has(Fault::preflight_missing)) return problem(404, "not_found", "There is nothing here");
    if (has(Fault::preflight_needs_login)) return problem(401, "unauthorized", "Please sign in");
    return {.status = 204};
  }
  if (request.method == "POST" && is_known && has(Fault::refuses_content_type_parameters) &&
      request.header("content-type").find(';') != std::string::npos)
    return problem(415, "unsupported_media_type", "The content type must be application/json");
  if (request.path == "/auth/login" && !has(Fault::login_missing)) {
    if (has(Fault::login_redirects)) return {.status = 302, .headers = {{"Location", "/auth/login/"}}};
    if (request.method == "POST") return log_in(request);
    return problem(405, "method_not_allowed", "Use POST");
  }
  if (request.path == "/auth/login/" && has(Fault::login_redirects))
    return {.status = 200, .body = "<html><body>Login</body></html>", .content_type = "text/html"};
  if (request.method == "POST" && request.path == "/auth/signup" && !has(Fault::signup_missing))
    return sign_up(request);
  if (request.method == "POST" && request.path == "/auth/refresh" && !has(Fault::refresh_missing))
    return refresh(request);
  if (request.method == "POST" && request.path == "/auth/logout" && !has(Fault::logout_missing))
    return log_out(request);
  if (request.method == "GET" && request.path == "/auth/me" && !has(Fault::protected_missing))
    return who_am_i(request);
  if (request.method == "GET" && request.path == "/.well-known/jwks.json" && !has(Fault::jwks_missing))
    return key_set();
  return problem(404, "not_found", "There is nothing here");
}

FaultyServer::Answer FaultyServer::problem(int status, std::string_view code,
                                           std::string_view message) const {
  return {.status = status, .body = json::serialize(json::object{{"code", code}, {"message", message}})};
}

FaultyServer::Answer FaultyServer::sign_up(const Request& request) {
  const std::string email = request.field("email");
  const std::string password = request.field("password");
  if (email.find('@') == std::string::npos || password.size() < 8)
    return problem(422, "validation_failed", "An email and a password of 8 characters are needed");
  if (accounts_.contains(email)) return problem(422, "user_already_exists", "User already registered");
  const Account& account = accounts_[email] = {.uid = new_id("user-"), .password = password};
  const std::string session = new_id("session-");
  sessions_[session] = {.uid = account.uid};
  return session_answer(account.uid, session, "signup");
}

FaultyServer::Answer FaultyServer::log_in(const Request& request) {
  const std::string email = request.field("email");
  const std::string password = request.field("password");
  if (!request.fields) {
    if (request.body.empty() ? has(Fault::empty_body_crashes) : has(Fault::malformed_body_crashes))
      return problem(500, "internal_error", "Something went wrong");
    if (has(Fault::stack_trace))
      return problem(400, "bad_json",
                     "SyntaxError: Unexpected token\n    at JSON.parse (<anonymous>)\n    at parse "
                     "(/srv/app/node_modules/body-parser/lib/types/json.js:89:19)");
    return problem(400, "bad_json", "The body is not valid JSON");
  }
  if (request.fields->empty() && has(Fault::empty_body_crashes))
    return problem(500, "internal_error", "Something went wrong");
  if (has(Fault::quote_crashes) && password.find_first_of("'\"") != std::string::npos)
    return problem(500, "internal_error", "Something went wrong");
  if (has(Fault::emoji_crashes) && has_character_beyond_bmp(password))
    return problem(500, "internal_error", "Something went wrong");
  if (email.empty() || password.empty())
    return problem(400, "validation_failed", "email and password are needed");

  const auto found = accounts_.find(email);
  const bool is_right = found != accounts_.end() && found->second.password == password;
  if (!is_right && !(has(Fault::wrong_password_accepted) && found != accounts_.end())) {
    if (++failures_ > kFailuresBeforeLimit && !has(Fault::no_rate_limit)) {
      Answer refused = problem(429, "too_many_requests", "Too many tries, please wait");
      refused.headers.emplace_back("Retry-After", "60");
      return refused;
    }
    if (found == accounts_.end() && has(Fault::unknown_account_told))
      return problem(404, "no_such_user", "No such user");
    const bool is_200 =
        found == accounts_.end() ? has(Fault::unknown_account_is_200) : has(Fault::wrong_password_is_200);
    if (is_200) return {.status = 200, .body = R"({"success":false,"message":"Wrong email or password"})"};
    return problem(401, "invalid_credentials", "Wrong email or password");
  }
  const std::string session = new_id("session-");
  sessions_[session] = {.uid = found->second.uid};
  return session_answer(found->second.uid, session, "login");
}

FaultyServer::Answer FaultyServer::refresh(const Request& request) {
  const std::string token = request.field("refresh_token");
  const auto found = refresh_tokens_.find(token);
  const Answer refused = problem(401, "invalid_refresh_token", "The refresh token is not valid");
  if (found == refresh_tokens_.end()) {
    if (has(Fault::refresh_garbage_crashes)) return problem(500, "internal_error", "Something went wrong");
    if (has(Fault::refresh_garbage_accepted) && !sessions_.empty())
      return session_answer(sessions_.begin()->second.uid, sessions_.begin()->first, "refresh");
    return refused;
  }
  Session& session = sessions_[found->second];
  if (session.ended) return refused;
  if (token == session.current || has(Fault::refresh_never_rotates_away))
    return session_answer(session.uid, found->second, "refresh");
  // The one before, and its successor was not used: the answer got lost, or two asked at once.
  const bool is_strict = has(Fault::refresh_strict) || has(Fault::refresh_strict_kills);
  if (token == session.previous && !is_strict) {
    Answer again = session_answer(session.uid, found->second, "again");
    return again;
  }
  if (!has(Fault::refresh_strict)) session.ended = true;
  return refused;
}

FaultyServer::Answer FaultyServer::who_am_i(const Request& request) {
  std::string uid;
  if (has(Fault::protected_open)) {
    uid = accounts_.begin()->second.uid;
  } else {
    const Session* const session = find_session(request);
    if (session == nullptr || session->access_ended) {
      if (has(Fault::nobody_is_null)) return {.body = "null"};
      return problem(401, "unauthorized", "Please sign in");
    }
    uid = session->uid;
  }
  return {.body = json::serialize(json::object{{"id", uid}, {"email", kEmail}})};
}

FaultyServer::Answer FaultyServer::log_out(const Request& request) {
  Session* const session = find_session(request);
  if (session == nullptr) return problem(401, "unauthorized", "Please sign in");
  session->ended = !has(Fault::logout_keeps_refresh);
  session->access_ended = !has(Fault::logout_keeps_access);
  return {.status = 204};
}

FaultyServer::Answer FaultyServer::key_set() const {
  const crypto::SigningKey& shown = has(Fault::jwks_other_key) ? other_key_ : key_;
  return {.body = fmt::format(R"({{"keys":[{{"kid":"{}","use":"sig","alg":"ES256",{}}}]}})", kKeyId,
                              shown.public_jwk_members().substr(1, shown.public_jwk_members().size() - 2))};
}

FaultyServer::Answer FaultyServer::session_answer(const std::string& uid, const std::string& session_id,
                                                  std::string_view from) {
  Session& session = sessions_[session_id];
  const bool is_refresh = from == "refresh";
  if (from != "again") {
    if (!is_refresh || !has(Fault::refresh_same_access_token)) session.access = access_token(uid, session_id);
    session.previous = session.current;
    session.current = new_id("rt_");
    refresh_tokens_[session.current] = session_id;
  }
  std::int64_t expires_at = now() + kAccessLifetime;
  if (has(Fault::expiry_in_past)) expires_at = now() - kAccessLifetime;
  if (has(Fault::expiry_after_a_minute)) expires_at = now() + 60;

  json::object out;
  if (!has(Fault::token_left_out) && !has(Fault::cookies_only)) out["access_token"] = session.access;
  if (!has(Fault::refresh_token_left_out) && !has(Fault::cookies_only) &&
      !((is_refresh || from == "again") && has(Fault::refresh_without_refresh_token)))
    out["refresh_token"] = session.current;
  if (!has(Fault::expiry_left_out)) {
    if (has(Fault::expiry_without_zone)) {
      std::string text = base::to_iso8601(base::from_unix_seconds(expires_at));
      text.pop_back();  // Z
      out["expires_at"] = text;
    } else if (has(Fault::expiry_type_varies) && is_refresh) {
      out["expires_at"] = std::to_string(expires_at);
    } else {
      out["expires_at"] = expires_at;
    }
  }
  if (!has(Fault::uid_left_out)) {
    if (has(Fault::uid_is_number) || (has(Fault::uid_type_varies) && from == "signup")) {
      out["uid"] = 41;
    } else {
      out["uid"] = uid;
    }
  }
  Answer answer{.body = json::serialize(out)};
  if (has(Fault::cookies_only))
    answer.headers.emplace_back("Set-Cookie", "sid=" + session_id + "; Path=/; HttpOnly; SameSite=Lax");
  if (!has(Fault::no_rate_limit) && from == "login") answer.headers.emplace_back("RateLimit-Limit", "60");
  if (has(Fault::login_is_text) && from == "login") {
    answer.body = session.access;
    answer.content_type = "text/plain";
  }
  if (has(Fault::charset_latin1)) {
    out["name"] = "J\xFCrgen";
    answer.body = answer.body.substr(0, answer.body.size() - 1) + ",\"name\":\"J\xFCrgen\"}";
    answer.content_type = "application/json; charset=iso-8859-1";
  }
  return answer;
}

std::string FaultyServer::access_token(const std::string& uid, const std::string& session) const {
  if (has(Fault::token_opaque)) return fmt::format("opaque_{}.{}", session, refresh_tokens_.size());
  json::object claims{
      {"iss", url()}, {"sub", uid}, {"iat", now()}, {"session", session}, {"jti", refresh_tokens_.size()}};
  std::int64_t exp = now() + kAccessLifetime;
  if (has(Fault::expiry_in_past)) exp = now() - kAccessLifetime;
  if (has(Fault::expiry_after_a_minute)) exp = now() + 60;
  if (has(Fault::token_exp_as_text)) {
    claims["exp"] = std::to_string(exp);
  } else if (!has(Fault::token_without_exp)) {
    claims["exp"] = exp;
  }
  if (has(Fault::token_of_other_user)) claims["sub"] = "somebody-else";
  const std::string payload = json::serialize(claims);
  if (has(Fault::token_alg_none)) {
    return crypto::base64url_encode(std::string_view(R"({"alg":"none","typ":"JWT"})")) + "." +
           crypto::base64url_encode(payload) + ".";
  }
  return crypto::jws_encode(key_, kKeyId, payload);
}

FaultyServer::Session* FaultyServer::find_session(const Request& request) {
  const auto by_id = [this](const std::string& id) -> Session* {
    const auto found = sessions_.find(id);
    return found == sessions_.end() ? nullptr : &found->second;
  };
  if (has(Fault::cookies_only)) return by_id(cookie_of(request.header("cookie"), "sid"));
  const std::string header = request.header("authorization");
  constexpr std::string_view kScheme = "Bearer ";
  if (!header.starts_with(kScheme)) return nullptr;
  const std::string token = header.substr(kScheme.size());
  if (has(Fault::token_opaque))
    return token.starts_with("opaque_") ? by_id(token.substr(7, token.find('.') - 7)) : nullptr;

  const std::size_t first = token.find('.');
  const std::size_t second = first == std::string::npos ? first : token.find('.', first + 1);
  if (second == std::string::npos) return nullptr;
  const auto head = crypto::base64url_decode(std::string_view(token).substr(0, first));
  const auto payload =
      crypto::base64url_decode(std::string_view(token).substr(first + 1, second - first - 1));
  const auto signature = crypto::base64url_decode(std::string_view(token).substr(second + 1));
  if (!head || !payload || !signature) return nullptr;
  const bool is_unsigned = lower_case(*head).find(R"("alg":"none")") != std::string::npos;
  const bool may_be_unsigned =
      has(Fault::token_alg_none) || has(Fault::accepts_none) || has(Fault::accepts_tampered);
  if (is_unsigned) {
    if (!may_be_unsigned) return nullptr;
  } else if (!has(Fault::accepts_tampered) && !key_.verify(token.substr(0, second), *signature)) {
    return nullptr;
  }
  boost::system::error_code error;
  const json::value claims = json::parse(*payload, error);
  if (error || !claims.is_object()) return nullptr;
  const json::value* const session = claims.get_object().if_contains("session");
  if (session == nullptr || !session->is_string()) return nullptr;
  if (const json::value* const exp = claims.get_object().if_contains("exp");
      exp != nullptr && exp->is_int64() && exp->get_int64() <= now() && !has(Fault::expiry_in_past))
    return nullptr;
  return by_id(std::string(session->get_string()));
}

void FaultyServer::add_cors(const Request& request, Answer& answer) const {
  if (has(Fault::cors_missing) || has(Fault::origin_forbidden)) return;
  if (has(Fault::cors_missing_on_errors) && answer.status >= 400) return;
  const std::string origin = request.header("origin");
  if (origin.empty()) return;
  const bool is_preflight = request.method == "OPTIONS";
  if (has(Fault::cors_wildcard_with_credentials)) {
    answer.headers.emplace_back("Access-Control-Allow-Origin", "*");
    answer.headers.emplace_back("Access-Control-Allow-Credentials", "true");
  } else {
    answer.headers.emplace_back("Access-Control-Allow-Origin",
                                has(Fault::cors_other_origin) ? "https://other.example" : origin);
    answer.headers.emplace_back("Vary", "Origin");
  }
  if (!is_preflight) return;
  answer.headers.emplace_back("Access-Control-Allow-Methods", "GET, POST, OPTIONS");
  answer.headers.emplace_back("Access-Control-Allow-Headers", has(Fault::cors_without_authorization)
                                                                  ? "content-type"
                                                                  : "authorization, content-type");
  answer.headers.emplace_back("Access-Control-Max-Age", "600");
}

std::string FaultyServer::new_id(std::string_view prefix) {
  std::array<std::byte, 12> bytes{};
  random_.fill(bytes);
  return fmt::format("{}{}{}", prefix, ++ids_, crypto::base64url_encode(bytes));
}

std::int64_t FaultyServer::now() const {
  const std::int64_t seconds = base::to_unix_seconds(base::SystemClock().now());
  return has(Fault::clock_an_hour_behind) ? seconds - kHour : seconds;
}

}  // namespace latchkey::e2e

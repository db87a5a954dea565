#include "support/api.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <boost/json.hpp>
#include <stdexcept>

#include "crypto/base64url.h"
#include "support/connection.h"

namespace latchkey::e2e {
namespace json = boost::json;
namespace {

json::value part_of(std::string_view jwt, std::size_t index) {
  for (; index > 0; --index) jwt.remove_prefix(std::min(jwt.size(), jwt.find('.') + 1));
  const auto text = crypto::base64url_decode(jwt.substr(0, jwt.find('.')));
  if (!text) throw std::runtime_error("not a JWT");
  return json::parse(*text);
}

std::string bearer(const Session& session) { return "Bearer " + session.access_token; }

}  // namespace

std::string new_email() {
  static std::atomic<int> next{0};
  return "user-" + std::to_string(getpid()) + "-" + std::to_string(++next) + "@example.com";
}

std::string request_text(std::string_view method, std::string_view target, const Sent& sent) {
  std::string text;
  text.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: 127.0.0.1\r\n");
  for (const auto& [name, value] : sent.headers) text.append(name).append(": ").append(value).append("\r\n");
  if (sent.authorization) text.append("Authorization: ").append(*sent.authorization).append("\r\n");
  if (sent.body) {
    if (!sent.content_type.empty()) text.append("Content-Type: ").append(sent.content_type).append("\r\n");
    text.append("Content-Length: ").append(std::to_string(sent.body->size())).append("\r\n");
  }
  text.append("\r\n");
  if (sent.body) text.append(*sent.body);
  return text;
}

Answer Api::call(std::string_view method, std::string_view path, const Sent& sent) const {
  Connection connection(port_);
  connection.send(request_text(method, base_ + std::string(path), sent));
  auto answer = connection.read_answer(method == "HEAD");
  if (!answer) throw std::runtime_error("no answer to " + std::string(method) + " " + std::string(path));
  return *answer;
}

Answer Api::get(std::string_view path, const Session& as) const {
  return call("GET", path, {.authorization = bearer(as)});
}

Answer Api::post(std::string_view path, const json::value& body) const {
  return call("POST", path, {.body = json::serialize(body)});
}

Answer Api::send(std::string_view method, std::string_view path, const Session& as,
                 const json::value& body) const {
  Sent sent{.authorization = bearer(as)};
  if (!body.is_null()) sent.body = json::serialize(body);
  return call(method, path, sent);
}

Answer Api::sign_up(std::string_view email, std::string_view password) const {
  return post("/signup", {{"email", email}, {"password", password}});
}
Answer Api::login(std::string_view email, std::string_view password) const {
  return post("/login", {{"email", email}, {"password", password}});
}
Answer Api::refresh(std::string_view refresh_token) const {
  return post("/refresh", {{"refresh_token", refresh_token}});
}

Session Api::signed_up(std::string_view email, std::string_view password) const {
  return session_of(sign_up(email, password));
}
Session Api::logged_in(std::string_view email, std::string_view password) const {
  return session_of(login(email, password));
}
Session Api::refreshed(const Session& session) const { return session_of(refresh(session.refresh_token)); }

Session session_of(const Answer& answer) {
  Session session{answer.text("access_token"), answer.text("refresh_token"), answer.text("uid"), ""};
  if (answer.status != 200 || session.access_token.empty() || session.refresh_token.empty()) {
    throw std::runtime_error("not a session: " + answer.summary());
  }
  session.session_id = std::string(claims_of(session.access_token).at("session_id").as_string());
  return session;
}

json::value claims_of(std::string_view jwt) { return part_of(jwt, 1); }
json::value header_of(std::string_view jwt) { return part_of(jwt, 0); }

}  // namespace latchkey::e2e

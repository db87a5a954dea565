// Calls of the API, as an app would make them.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/answer.h"

namespace latchkey::e2e {

// A password that every policy accepts.
inline constexpr std::string_view kPassword = "violet-harbour-41-kettle";

// An address that no other test has.
std::string new_email();

// What a request carries beside method and path.
struct Sent {
  std::optional<std::string> body = {};
  std::string content_type = "application/json";  // empty: none is sent
  std::optional<std::string> authorization = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
};

// The bytes of such a request.
std::string request_text(std::string_view method, std::string_view target, const Sent& sent);

// What a session answer holds, for the next calls.
struct Session {
  std::string access_token;
  std::string refresh_token;
  std::string uid;
  std::string session_id;
};

// The API of one server, each call on a connection of its own. Immutable, so safe to share between threads.
class Api {
 public:
  // With an empty base, paths are those of the root.
  explicit Api(std::uint16_t port, std::string base = "/auth/v1") : port_(port), base_(std::move(base)) {}

  std::uint16_t port() const { return port_; }
  const std::string& base() const { return base_; }
  Api root() const { return Api(port_, ""); }

  Answer call(std::string_view method, std::string_view path, const Sent& sent = {}) const;
  Answer get(std::string_view path) const { return call("GET", path); }
  Answer get(std::string_view path, const Session& as) const;
  Answer post(std::string_view path, const boost::json::value& body) const;
  // As somebody who is signed in; without a body when it is null.
  Answer send(std::string_view method, std::string_view path, const Session& as,
              const boost::json::value& body = nullptr) const;

  Answer sign_up(std::string_view email, std::string_view password = kPassword) const;
  Answer login(std::string_view email, std::string_view password = kPassword) const;
  Answer refresh(std::string_view refresh_token) const;
  Answer user(const Session& as) const { return get("/user", as); }

  // The same, for tests that need the session: anything but a session is a failure of the test.
  Session signed_up(std::string_view email, std::string_view password = kPassword) const;
  Session logged_in(std::string_view email, std::string_view password = kPassword) const;
  Session refreshed(const Session& session) const;

 private:
  std::uint16_t port_;
  std::string base_;
};

// Takes a session answer apart. Throws when it is none.
Session session_of(const Answer& answer);

// The second part of a JWT; throws when it is none. Nothing is verified.
boost::json::value claims_of(std::string_view jwt);
boost::json::value header_of(std::string_view jwt);

}  // namespace latchkey::e2e

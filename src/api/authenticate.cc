#include "api/authenticate.h"

#include <algorithm>
#include <array>

namespace latchkey::api {
namespace {

using base::ErrorCode;

constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// The first word, taken off `text`.
std::string_view take_word(std::string_view& text) {
  // find_first_of would call memchr for every character of a long token.
  const std::string_view word(text.begin(), std::find_if(text.begin(), text.end(), is_blank));
  text = trimmed(text.substr(word.size()));
  return word;
}

bool is_unset(std::string_view token) {
  return token.empty() || http::equal_ignoring_case(token, "null") ||
         http::equal_ignoring_case(token, "undefined");
}

bool is_placeholder(std::string_view token) {
  constexpr std::array<std::pair<char, char>, 4> kBrackets = {
      {{'[', ']'}, {'<', '>'}, {'{', '}'}, {'$', '}'}}};
  for (const auto& [open, close] : kBrackets) {
    if (token.front() == open && token.back() == close) return true;
  }
  return false;
}

}  // namespace

base::Result<std::string_view> parse_bearer(const http::Call& call) {
  if (call.request.count_headers("authorization") == 0) return base::fail(ErrorCode::no_authorization);
  if (call.request.count_headers("authorization") > 1) {
    return base::fail(ErrorCode::bad_jwt, "more than one Authorization header");
  }
  std::string_view rest = trimmed(call.authorization);
  const std::string_view whole = rest;
  const std::string_view scheme = take_word(rest);
  if (!http::equal_ignoring_case(scheme, "bearer")) {
    return base::fail(is_unset(whole) ? ErrorCode::bearer_unset : ErrorCode::bearer_prefix_missing);
  }
  if (is_unset(rest)) return base::fail(ErrorCode::bearer_unset);
  if (is_placeholder(rest)) return base::fail(ErrorCode::bearer_placeholder);
  const std::string_view token = take_word(rest);
  if (http::equal_ignoring_case(token, "bearer")) {
    return base::fail(is_unset(rest) ? ErrorCode::bearer_unset : ErrorCode::bearer_doubled);
  }
  if (!rest.empty()) return base::fail(ErrorCode::bad_jwt, "more than one word after Bearer");
  return token;
}

// Makes principals; what UserPrincipal's friend is.
class Authenticator {
 public:
  static base::Result<UserPrincipal> authenticate_user(flows::Environment& env, const http::Call& call) {
    const auto token = parse_bearer(call);
    if (!token) return base::fail(token.error());
    auto who = flows::authenticate(env, *token);
    if (!who) return base::fail(std::move(who.error()));
    return UserPrincipal(std::move(*who));
  }
  static base::Result<void> authenticate_user_later(flows::Environment& env, const http::Call& call,
                                                    http::Reply<UserPrincipal> reply) {
    const auto token = parse_bearer(call);
    if (!token) return base::fail(token.error());
    return flows::authenticate_then(
        env, *token, [reply = std::move(reply)](flows::FinishAuthenticated finish) mutable {
          reply([finish = std::move(finish)]() mutable -> base::Result<UserPrincipal> {
            auto who = finish();
            if (!who) return base::fail(std::move(who.error()));
            return UserPrincipal(std::move(*who));
          });
        });
  }
};

std::shared_ptr<const http::Authentication<UserPrincipal>> user_authentication(flows::Environment& env) {
  auto authentication = std::make_shared<http::Authentication<UserPrincipal>>();
  authentication->precheck = [](const http::Call& call) -> std::optional<base::Error> {
    auto token = parse_bearer(call);
    if (token) return std::nullopt;
    return std::move(token.error());
  };
  authentication->authenticate = [&env](const http::Call& call) {
    return Authenticator::authenticate_user(env, call);
  };
  authentication->authenticate_later = [&env](const http::Call& call, http::Reply<UserPrincipal> reply) {
    return Authenticator::authenticate_user_later(env, call, std::move(reply));
  };
  authentication->errors = {
      ErrorCode::no_authorization, ErrorCode::bearer_unset,      ErrorCode::bearer_placeholder,
      ErrorCode::bearer_doubled,   ErrorCode::bad_jwt,           ErrorCode::bearer_prefix_missing,
      ErrorCode::token_expired,    ErrorCode::wrong_environment, ErrorCode::session_not_found,
      ErrorCode::user_banned};
  return authentication;
}

flows::Client client_of(const http::Call& call) {
  return {.ip = call.client.to_string(),
          .address_key = call.client.limit_key(),
          .user_agent = std::string(call.user_agent)};
}

}  // namespace latchkey::api

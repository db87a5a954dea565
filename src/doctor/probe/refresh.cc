// Refreshing and logging out.
#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "doctor/probe/run.h"
#include "doctor/project/redact.h"

namespace latchkey::doctor {
namespace {

namespace json = boost::json;

std::string last_part(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  return std::string(dot == std::string_view::npos ? path : path.substr(dot + 1));
}

}  // namespace

ProbeRequest Run::refresh_request(std::string_view what, std::string_view token,
                                  std::string_view access) const {
  std::string body;
  if (!refresh_.body.empty()) {
    body = filled(refresh_.body, {{"refresh_token", token}, {"access_token", access}});
  } else {
    body = json::serialize(
        json::object{{refresh_key_.empty() ? std::string("refresh_token") : refresh_key_, token}});
  }
  return {.what = std::string(what),
          .method = refresh_.method,
          .target = refresh_.target,
          .body = body,
          .content_type = body.starts_with('{') ? "application/json" : "application/x-www-form-urlencoded"};
}

ProbeReply Run::refresh(std::string_view what, std::string_view token, std::string_view access) {
  ProbeReply reply = prober_->send(refresh_request(what, token, access));
  note_error(reply, refresh_.name());
  return reply;
}

void Run::look_at_refresh() {
  static constexpr std::array<std::string_view, 5> kChecks = {
      "refresh_returns_full_pair", "refresh_lost_answer", "refresh_parallel", "refresh_reuse_ends_session",
      "refresh_garbage_refused"};
  const auto skip_all = [&](const std::string& why) {
    for (const std::string_view id : kChecks) skip(id, why);
  };
  if (!refresh_) {
    skip_all("There is no refresh endpoint to try (--refresh PATH).");
    return;
  }
  // What is no token at all, first: it must not become a session.
  if (first_.refresh_token) refresh_key_ = last_part(first_.refresh_token.path);
  if (refresh_key_ == "token") refresh_key_ = "refresh_token";
  const ProbeReply garbage =
      refresh("a refresh token that never was", "not-a-token-0123456789abcdef0123456789abcdef",
              first_.access_token.text);
  if (garbage.failure) {
    skip("refresh_garbage_refused", "There was " + garbage.words() + ".");
  } else if (garbage.is_refusal()) {
    pass("refresh_garbage_refused", "It is answered with " + garbage.words() + ".", refresh_.name());
  } else {
    fail("refresh_garbage_refused", "A token that never was is answered with " + garbage.words() + ".",
         refresh_.name());
  }
  if (identifier_.empty() || !first_.refresh_token) {
    skip_all(identifier_.empty() ? why_no_login_ : "The login gave no refresh token.");
    return;
  }
  const std::string old = first_.refresh_token.text;
  ProbeReply once = refresh("refreshing", old, first_.access_token.text);
  if (!once.is_ok() && refresh_.body.empty()) {
    for (const std::string_view key : {"refresh_token", "refreshToken", "refresh", "token"}) {
      if (key == refresh_key_ || once.is_ok() || once.status == 429) continue;
      const std::string before = refresh_key_;
      refresh_key_ = key;
      once = refresh("refreshing with another field", old, first_.access_token.text);
      if (!once.is_ok()) refresh_key_ = before;
    }
  }
  keep_answer("refresh", refresh_, once);
  if (!once.is_ok()) {
    fail("refresh_returns_full_pair",
         "The refresh answers " + once.words() + " to the token that the login gave (" + excerpt(once.body) +
             "). --refresh-body says how it is sent.",
         refresh_.name());
    skip_all("The refresh does not work.");
    return;
  }
  const SessionValues fresh = once.json ? find_values(*once.json, options_.value_paths) : SessionValues{};
  seen_values_.emplace_back("refresh", fresh);
  std::string missing;
  const auto need = [&](const FoundValue& before, const FoundValue& after, std::string_view what) {
    if (before && !after) missing.append(missing.empty() ? "" : ", ").append(what);
  };
  need(first_.access_token, fresh.access_token, "the access token");
  need(first_.refresh_token, fresh.refresh_token, "the refresh token");
  need(first_.expiry, fresh.expiry, "the expiry");
  need(first_.uid, fresh.uid, "the user id");
  if (!missing.empty()) {
    fail("refresh_returns_full_pair", "The login answers it and the refresh does not: " + missing + ".",
         refresh_.name());
  } else if (fresh.access_token && fresh.access_token.text == first_.access_token.text) {
    fail("refresh_returns_full_pair", "It answers the old access token once more.", refresh_.name());
  } else {
    pass("refresh_returns_full_pair", "It answers all that the login answers.", refresh_.name());
  }
  if (!fresh.refresh_token) {
    skip_all("The refresh answers no refresh token.");
    return;
  }
  const bool rotates = fresh.refresh_token.text != old;

  // The answer got lost: the same token once more, right away, before its successor was used.
  const ProbeReply again =
      refresh("the same refresh token once more, as after a lost answer", old, first_.access_token.text);
  std::string live = fresh.refresh_token.text;
  if (again.is_ok()) {
    pass("refresh_lost_answer", "The same token is taken once more right away.", refresh_.name());
    const SessionValues values =
        again.json ? find_values(*again.json, options_.value_paths) : SessionValues{};
    if (values.refresh_token) live = values.refresh_token.text;
  } else {
    fail("refresh_lost_answer", "The same token right away is answered with " + again.words() + ".",
         refresh_.name());
  }
  // Its successor is used, so the old one can only be a stolen one.
  const ProbeReply next = refresh("refreshing with the new token", live, fresh.access_token.text);
  if (!rotates) {
    fail("refresh_reuse_ends_session", "The refresh token never changes, so a stolen one is not noticed.",
         refresh_.name());
  } else if (!next.is_ok()) {
    skip("refresh_reuse_ends_session",
         "The new token is answered with " + next.words() + " after the old one came again.");
  } else {
    const ProbeReply stolen = refresh("the first refresh token, long after", old, fresh.access_token.text);
    if (stolen.is_ok()) {
      fail("refresh_reuse_ends_session",
           "A token whose successor was used already is taken with " + stolen.words() + ".", refresh_.name());
    } else {
      pass("refresh_reuse_ends_session",
           "A token whose successor was used is answered with " + stolen.words() + ".", refresh_.name());
    }
  }
  // Two at once, with a session of their own.
  const ProbeReply login = log_in("logging in for two refreshes at once", identifier_, password_);
  const SessionValues values = login.json ? find_values(*login.json, options_.value_paths) : SessionValues{};
  if (!values.refresh_token) {
    skip("refresh_parallel", "Another login gave no refresh token (" + login.words() + ").");
    return;
  }
  const ProbeRequest request =
      refresh_request("two refreshes at once", values.refresh_token.text, values.access_token.text);
  const auto [one, two] = prober_->send_two(request, request);
  if (one.is_ok() && two.is_ok()) {
    pass("refresh_parallel", "Both are answered with a session.", refresh_.name());
  } else if (one.failure || two.failure) {
    skip("refresh_parallel", "There was " + (one.failure ? one.words() : two.words()) + ".");
  } else {
    fail("refresh_parallel", "One is answered with " + one.words() + ", the other with " + two.words() + ".",
         refresh_.name());
  }
}

void Run::look_at_logout() {
  if (!logout_) {
    skip("logout_kills_access", "There is no logout endpoint to try (--logout PATH).");
    skip("logout_kills_refresh", "There is no logout endpoint to try (--logout PATH).");
    return;
  }
  if (identifier_.empty() || !first_.access_token) {
    skip("logout_kills_access", why_no_login_);
    skip("logout_kills_refresh", why_no_login_);
    return;
  }
  const ProbeReply login = log_in("logging in for the logout", identifier_, password_);
  const SessionValues values = login.json ? find_values(*login.json, options_.value_paths) : SessionValues{};
  std::string body = logout_.body;
  if (body.empty() && values.refresh_token) {
    body = json::serialize(json::object{{last_part(values.refresh_token.path), values.refresh_token.text}});
  } else {
    body = filled(body,
                  {{"refresh_token", values.refresh_token.text}, {"access_token", values.access_token.text}});
  }
  const ProbeReply out = prober_->send({.what = "logging out",
                                        .method = logout_.method,
                                        .target = logout_.target,
                                        .body = body,
                                        .bearer = values.access_token.text});
  keep_answer("logout", logout_, out);
  if (!out.is_ok()) {
    const std::string why = "The logout answers " + out.words() + ".";
    skip("logout_kills_access", why);
    skip("logout_kills_refresh", why);
    return;
  }
  if (me_) {
    const ProbeReply me = who_am_i("the protected page after the logout", values.access_token.text);
    if (names_somebody(me)) {
      fail("logout_kills_access", me_.name() + " still answers " + me.words() + ".", logout_.name());
    } else {
      pass("logout_kills_access", me_.name() + " answers " + me.words() + " afterwards.", logout_.name());
    }
  } else {
    skip("logout_kills_access", "There is no protected endpoint to try it on (--me PATH).");
  }
  if (refresh_ && values.refresh_token) {
    const ProbeReply after =
        refresh("a refresh after the logout", values.refresh_token.text, values.access_token.text);
    if (after.is_ok()) {
      fail("logout_kills_refresh", refresh_.name() + " still answers a session.", logout_.name());
    } else {
      pass("logout_kills_refresh", refresh_.name() + " answers " + after.words() + " afterwards.",
           logout_.name());
    }
  } else {
    skip("logout_kills_refresh", "There is no refresh to try it on.");
  }
}

}  // namespace latchkey::doctor

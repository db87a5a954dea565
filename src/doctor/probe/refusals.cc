// What the server says to what it should refuse. Five tries with a wrong password at most, one of them on a
// real account.
#include <algorithm>

#include "doctor/probe/run.h"

namespace latchkey::doctor {
namespace {

// Answers alike as far as a stranger can tell: the status, and the body without what changes each time.
bool looks_same(const ProbeReply& a, const ProbeReply& b) {
  if (a.status != b.status) return false;
  if (a.json.has_value() != b.json.has_value()) return false;
  if (a.json && b.json) return message_in(*a.json) == message_in(*b.json);
  return a.body == b.body;
}

// A success whose body says that it is none.
bool says_failure(const ProbeReply& reply, const SessionValues& values) {
  return reply.is_ok() && !values.access_token;
}

}  // namespace

void Run::look_at_refusals() {
  static constexpr std::array<std::string_view, 7> kChecks = {
      "wrong_password_refused", "unknown_account_refused", "account_enumeration", "empty_body_refused",
      "malformed_body_refused", "error_is_json",           "error_has_message"};
  if (!login_ || is_redirected_) {
    for (const std::string_view id : kChecks) skip(id, why_no_login_);
    return;
  }
  const std::string origin = options_.origins.empty() ? std::string() : options_.origins.front();
  const auto judge = [&](std::string_view id, const ProbeReply& reply, std::string_view what) {
    note_error(reply, login_.name());
    const SessionValues values =
        reply.json ? find_values(*reply.json, options_.value_paths) : SessionValues{};
    if (reply.failure) {
      skip(id, "There was " + reply.words() + ".");
    } else if (reply.is_ok() && values.access_token) {
      fail(id, std::string(what) + " logs in: " + reply.words() + " with a token.", login_.name());
    } else if (says_failure(reply, values)) {
      fail(id,
           std::string(what) + " is answered with " + reply.words() +
               ", which the app takes for a success: " + excerpt(reply.body),
           login_.name());
    } else if (reply.is_crash()) {
      fail(id, std::string(what) + " makes the server answer " + reply.words() + ".", login_.name());
    } else if (reply.status == 429) {
      skip(id, "The server's limit on tries was reached.");
    } else if (reply.is_refusal()) {
      pass(id, std::string(what) + " is answered with " + reply.words() + ".", login_.name());
    } else {
      fail(id, std::string(what) + " is answered with " + reply.words() + ".", login_.name());
    }
  };
  const std::string wrong = "wrong-" + unique_email().substr(0, 31);
  const ProbeReply unknown = log_in("an account that does not exist", unique_email(), wrong);
  judge("unknown_account_refused", unknown, "An unknown account");
  if (identifier_.empty()) {
    skip("wrong_password_refused", why_no_login_);
    skip("account_enumeration", why_no_login_);
  } else {
    const ProbeReply refused = log_in("a wrong password", identifier_, wrong);
    keep_answer("login_error", login_, refused);
    judge("wrong_password_refused", refused, "A wrong password");
    if (refused.failure || unknown.failure || refused.status == 429 || unknown.status == 429) {
      skip("account_enumeration", "The two answers could not be compared.");
    } else if (looks_same(refused, unknown)) {
      pass("account_enumeration", "A wrong password and an unknown account are answered alike.",
           login_.name());
    } else {
      fail("account_enumeration",
           "A wrong password: " + refused.words() + " (" + excerpt(refused.body).substr(0, 80) +
               "). An unknown account: " + unknown.words() + " (" + excerpt(unknown.body).substr(0, 80) +
               ").",
           login_.name());
    }
  }
  const auto send_body = [&](std::string_view what, std::string body) {
    return prober_->send({.what = std::string(what),
                          .method = login_.method,
                          .target = login_.target,
                          .body = std::move(body),
                          .origin = origin});
  };
  const ProbeReply empty_object = send_body("an empty request", "{}");
  const ProbeReply empty = send_body("a request without a body", "");
  judge("empty_body_refused", empty_object.is_refusal() ? empty : empty_object, "An empty request");
  note_error(empty_object, login_.name());
  judge("malformed_body_refused", send_body("a broken request", R"({"email":"a"b","password":)"),
        "Broken JSON");

  // All errors that were met. What is not found is answered by what stands in front of an API, often; it does
  // not count.
  std::string no_json;
  std::string no_message;
  std::size_t looked_at = 0;
  for (const auto& [endpoint, reply] : errors_) {
    if (reply.status == 404 || reply.status == 405) continue;
    ++looked_at;
    const bool is_json = reply.json && (reply.json->is_object() || reply.json->is_array());
    if (!is_json && no_json.empty())
      no_json = endpoint + " answers " + reply.words() + ": " + excerpt(reply.body);
    if (is_json && message_in(*reply.json).empty() && no_message.empty()) {
      no_message = endpoint + " answers " + reply.words() + ": " + excerpt(reply.body);
    }
  }
  if (looked_at == 0) {
    skip("error_is_json", "No error was met.");
    skip("error_has_message", "No error was met.");
    return;
  }
  if (no_json.empty()) {
    pass("error_is_json", "All " + std::to_string(looked_at) + " that were met are.");
  } else {
    fail("error_is_json", no_json);
  }
  if (no_message.empty() && no_json.empty()) {
    pass("error_has_message", "All that were met have one.");
  } else if (no_message.empty()) {
    skip("error_has_message", "Errors that are no JSON have none that the app could read.");
  } else {
    fail("error_has_message", no_message);
  }
}

void Run::look_at_odd_characters() {
  if (!login_ || is_redirected_) {
    skip("special_characters", why_no_login_);
    skip("unicode", why_no_login_);
    return;
  }
  constexpr std::string_view kQuotes = "Qu\"o'te\\back\nline-7731";
  constexpr std::string_view kUmlauts = "\xc3\x9cml\xc3\xa4ut-\xf0\x9f\x94\x91-7731";
  // With an account of its own the whole way can be tried.
  const auto try_account = [&](std::string_view id, std::string_view password, std::string_view what) {
    const std::string email = unique_email();
    const ProbeReply made =
        sign_up("creating an account whose password has " + std::string(what), email, password);
    note_error(made, signup_.name());
    if (!made.is_ok()) return;
    const ProbeReply back = log_in("logging in with it", email, password);
    if (back.is_ok()) {
      pass(id, "A password with " + std::string(what) + " works.", login_.name());
    } else {
      fail(id,
           "An account whose password has " + std::string(what) + " was made, and its login answers " +
               back.words() + ".",
           login_.name());
    }
  };
  if (options_.create_account && signup_) {
    try_account("special_characters", kQuotes, "quotes, a backslash and a line break");
    try_account("unicode", kUmlauts, "umlauts and emoji");
  }
  const auto judge = [&](std::string_view id, std::string_view odd, std::string_view what) {
    const ProbeReply reply =
        log_in(std::string("a wrong password with ") + std::string(what), unique_email(), odd);
    note_error(reply, login_.name());
    if (reply.failure) {
      skip(id, "There was " + reply.words() + ".");
    } else if (reply.is_crash()) {
      fail(id, "A password with " + std::string(what) + " makes the server answer " + reply.words() + ".",
           login_.name());
    } else {
      pass(id,
           "A password with " + std::string(what) + " is answered like any other wrong one (" +
               reply.words() + "). With --create-account it is tried whether one works.",
           login_.name());
    }
  };
  judge("special_characters", kQuotes, "quotes, a backslash and a line break");
  judge("unicode", kUmlauts, "umlauts and emoji");
}

}  // namespace latchkey::doctor

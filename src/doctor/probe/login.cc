// The login's answer, and the sign-up's.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "doctor/probe/run.h"
#include "doctor/project/redact.h"
#include "flutterflow/project/lookup.h"

namespace latchkey::doctor {
namespace {

namespace json = boost::json;

std::string hex(base::Random& random) {
  std::array<std::byte, 8> bytes{};
  random.fill(bytes);
  std::string text;
  for (const std::byte byte : bytes) text += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
  return text;
}

std::string form_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          c == '-' || c == '_' || c == '.' || c == '~';
    out += is_plain ? std::string(1, c)
                    : fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
  return out;
}

std::string json_escaped(std::string_view text) {
  const std::string quoted = json::serialize(json::value(text));
  return quoted.substr(1, quoted.size() - 2);
}

}  // namespace

// Puts values into a template: escaped for JSON when it is one, for a form otherwise.
std::string filled(std::string_view body,
                   const std::vector<std::pair<std::string_view, std::string_view>>& values) {
  const bool is_json =
      body.find_first_not_of(" \n") != std::string_view::npos && body[body.find_first_not_of(" \n")] == '{';
  std::string out;
  std::size_t at = 0;
  while (at < body.size()) {
    bool is_value = false;
    for (const auto& [name, value] : values) {
      const std::string mark = "<" + std::string(name) + ">";
      if (!body.substr(at).starts_with(mark)) continue;
      out += is_json ? json_escaped(value) : form_encoded(value);
      at += mark.size();
      is_value = true;
      break;
    }
    if (!is_value) out += body[at++];
  }
  return out;
}

std::string Run::unique_email() { return "latchkey-doctor-" + hex(world_.random) + "@example.com"; }

std::string Run::login_body(std::string_view identifier, std::string_view password) const {
  if (!login_.body.empty()) {
    return filled(login_.body, {{"email", identifier}, {"username", identifier}, {"password", password}});
  }
  const std::string key = identifier_key_.empty()
                              ? (identifier.find('@') == std::string_view::npos ? "username" : "email")
                              : identifier_key_;
  if (sends_form_) {
    return "grant_type=password&" + key + "=" + form_encoded(identifier) +
           "&password=" + form_encoded(password);
  }
  return json::serialize(json::object{{key, identifier}, {"password", password}});
}

ProbeReply Run::log_in(std::string_view what, std::string_view identifier, std::string_view password,
                       const std::string& origin) {
  const std::string body = login_body(identifier, password);
  const bool is_json = body.starts_with('{');
  return prober_->send({.what = std::string(what),
                        .method = login_.method,
                        .target = login_.target,
                        .body = body,
                        .content_type = is_json ? "application/json" : "application/x-www-form-urlencoded",
                        .origin = origin});
}

ProbeReply Run::sign_up(std::string_view what, std::string_view email, std::string_view password) {
  const std::string_view form = R"({"email":"<email>","password":"<password>"})";
  return prober_->send({.what = std::string(what),
                        .method = signup_.method,
                        .target = signup_.target,
                        .body = filled(signup_.body.empty() ? form : signup_.body,
                                       {{"email", email}, {"username", email}, {"password", password}})});
}

void Run::log_in_first() {
  if (!login_ || is_redirected_) {
    if (login_) why_no_login_ = "The login is redirected.";
    identifier_.clear();
    return;
  }
  if (identifier_.empty() && options_.create_account && signup_) {
    // An account of its own to try with.
    identifier_ = unique_email();
    password_ = "Dr-" + hex(world_.random) + "-" + hex(world_.random);
    const ProbeReply reply = sign_up("creating an account", identifier_, password_);
    keep_answer("signup", signup_, reply);
    if (!reply.is_ok()) {
      why_no_login_ = "The account could not be created: " + signup_.name() + " answers " + reply.words() +
                      " (" + excerpt(reply.body) + ").";
      note_error(reply, signup_.name());
      identifier_.clear();
      return;
    }
    if (reply.json) seen_values_.emplace_back("sign-up", find_values(*reply.json, options_.value_paths));
  }
  if (identifier_.empty()) return;
  struct Shape {
    std::string_view key;
    bool is_form;
  };
  std::vector<Shape> shapes;
  if (login_.body.empty()) {
    if (identifier_.find('@') != std::string::npos) {
      shapes = {{"email", false}, {"username", false}, {"identifier", false}};
    } else {
      shapes = {{"username", false}, {"email", false}, {"identifier", false}};
    }
    if (login_.target.find("token") != std::string::npos) shapes.push_back({"username", true});
  } else {
    shapes = {{"", false}};
  }
  for (const Shape& shape : shapes) {
    identifier_key_ = shape.key;
    sends_form_ = shape.is_form;
    first_login_ = log_in("logging in", identifier_, password_);
    if (first_login_.is_ok() || first_login_.failure || first_login_.is_redirect()) break;
  }
  if (!first_login_.is_ok()) {
    identifier_key_ = shapes.front().key;
    sends_form_ = shapes.front().is_form;
  }
}

void Run::look_at_login_answer() {
  static constexpr std::array<std::string_view, 8> kChecks = {
      "answer_is_json", "charset",     "token_present", "refresh_token_present",
      "expiry_present", "uid_present", "needs_cookies", "content_type_parameters"};
  const auto skip_all = [&](const std::string& why) {
    for (const std::string_view id : kChecks) skip(id, why);
  };
  if (first_login_.status != 0 || first_login_.failure) {
    if (const auto date = read_http_date(first_login_.header("Date"))) {
      server_time_ = *date;
      has_server_time_ = true;
    }
  }
  if (!has_server_time_) {
    if (const auto date = read_http_date(nothing_here_.header("Date"))) {
      server_time_ = *date;
      has_server_time_ = true;
    }
  }
  if (!has_server_time_) {
    server_time_ = world_.clock.now();
    skip("clock_skew", "No answer tells the server's time (the Date header).");
  } else {
    const auto apart = std::chrono::duration_cast<std::chrono::seconds>(server_time_ - world_.clock.now());
    if (std::chrono::abs(apart) > std::chrono::seconds(90)) {
      fail("clock_skew", fmt::format("It is {} s {} this machine's.", std::chrono::abs(apart).count(),
                                     apart.count() < 0 ? "behind" : "ahead of"));
    } else {
      pass("clock_skew", "It agrees with this machine's.");
    }
  }
  if (identifier_.empty()) {
    skip_all(why_no_login_);
    return;
  }
  keep_answer("login", login_, first_login_);
  if (first_login_.is_redirect()) {
    fail("redirect_changes_method",
         login_.name() + " answers " + first_login_.words() + " and sends to " +
             first_login_.header("Location").substr(0, 120) + ".",
         login_.name());
  }
  if (!first_login_.is_ok()) {
    const std::string why = "The login answers " + first_login_.words() +
                            " to the credentials that were given" +
                            (first_login_.body.empty() ? "." : " (" + excerpt(first_login_.body) + ").");
    if (first_login_.failure && first_login_.failure->kind == http::ClientFailure::Kind::timed_out) {
      fail("slow_answer",
           fmt::format("{} gave no answer within {} s.", login_.name(), options_.timeout.count() / 1000),
           login_.name());
    }
    skip_all(why);
    if (first_login_.failure && prober_->is_exhausted())
      skip("whole_flow", "The bound on requests was reached before.");
    fail("whole_flow", why + " Are they right? --login-body says how they are sent.", login_.name());
    note_error(first_login_, login_.name());
    why_no_login_ = "The login with these credentials did not work.";
    identifier_.clear();
    return;
  }
  const std::string type = first_login_.header("Content-Type");
  if (!first_login_.json || !first_login_.json->is_object()) {
    fail("answer_is_json",
         "The login answers " + first_login_.words() + " (" + type + "): " + excerpt(first_login_.body),
         login_.name());
  } else if (type.find("json") == std::string::npos) {
    set("answer_is_json", Verdict::warn,
        "The body is JSON, but is announced as " + (type.empty() ? "nothing" : type) + ".", login_.name());
  } else {
    pass("answer_is_json", "It is JSON.", login_.name());
  }
  const std::string lower = flutterflow::lower(type);
  if (lower.find("charset=utf-8") != std::string::npos ||
      lower.find("charset=\"utf-8\"") != std::string::npos) {
    pass("charset", "UTF-8, as it says.", login_.name());
  } else {
    fail("charset", "The Content-Type is " + (type.empty() ? std::string("missing") : type) + ".",
         login_.name());
  }
  if (first_login_.json) first_ = find_values(*first_login_.json, options_.value_paths);
  const bool has_cookie = !first_login_.header("Set-Cookie").empty();
  if (first_.access_token) {
    pass("token_present", "It stands at " + first_.access_token.path + ".", login_.name());
    pass("needs_cookies", "The token comes in the answer.", login_.name());
  } else {
    fail("token_present",
         "No token in " + excerpt(first_login_.body) + " Tell the doctor with --map access_token='$.…'.",
         login_.name());
    if (has_cookie) {
      fail("needs_cookies", "The login sets a cookie and its answer holds no token.", login_.name());
    } else {
      pass("needs_cookies", "The login sets no cookie.", login_.name());
    }
  }
  const auto tell = [&](std::string_view id, const FoundValue& value, std::string_view what) {
    if (value) {
      pass(id, "It stands at " + value.path + ".", login_.name());
    } else {
      fail(id, "No " + std::string(what) + " in the login's answer.", login_.name());
    }
  };
  tell("refresh_token_present", first_.refresh_token, "refresh token");
  tell("expiry_present", first_.expiry, "expiry");
  tell("uid_present", first_.uid, "user id");
  if (!first_.access_token) why_no_login_ = "The login gave no token.";
  seen_values_.emplace_back("login", first_);

  // FlutterFlow sends the character set with the content type.
  const std::string body = login_body(identifier_, password_);
  const ProbeReply with_charset = prober_->send(
      {.what = "logging in with the content type of FlutterFlow",
       .method = login_.method,
       .target = login_.target,
       .body = body,
       .content_type =
           std::string(body.starts_with('{') ? "application/json" : "application/x-www-form-urlencoded") +
           "; charset=utf-8"});
  if (with_charset.is_ok()) {
    pass("content_type_parameters", "application/json; charset=utf-8 is taken.", login_.name());
    if (with_charset.json) {
      second_ = find_values(*with_charset.json, options_.value_paths);
      seen_values_.emplace_back("second login", second_);
    }
  } else if (with_charset.failure) {
    skip("content_type_parameters", "The second login got " + with_charset.words() + ".");
  } else {
    fail("content_type_parameters",
         "With application/json; charset=utf-8 the login answers " + with_charset.words() + ".",
         login_.name());
    note_error(with_charset, login_.name());
  }
}

void Run::look_at_sign_up() {
  if (!options_.create_account || !signup_) return;
  const bool has_seen =
      std::ranges::any_of(answers_, [](const ProbeAnswer& answer) { return answer.step == "signup"; });
  if (has_seen) return;
  const std::string email = unique_email();
  const std::string password = "Dr-" + hex(world_.random) + "-" + hex(world_.random);
  const ProbeReply reply = sign_up("creating an account", email, password);
  keep_answer("signup", signup_, reply);
  note_error(reply, signup_.name());
  if (reply.is_ok() && reply.json)
    seen_values_.emplace_back("sign-up", find_values(*reply.json, options_.value_paths));
}

void Run::look_at_types() {
  if (seen_values_.empty()) {
    skip("types_constant", why_no_login_);
    return;
  }
  std::string differences;
  const auto compare = [&](std::string_view what, FoundValue SessionValues::* member) {
    std::string kind;
    std::string step;
    for (const auto& [name, values] : seen_values_) {
      const FoundValue& value = values.*member;
      if (!value) continue;
      if (kind.empty()) {
        kind = value.kind;
        step = name;
      } else if (kind != value.kind) {
        differences += fmt::format("{}{} is a {} at the {} and a {} at the {}",
                                   differences.empty() ? "" : "; ", what, kind, step, value.kind, name);
        return;
      }
    }
  };
  compare("the access token", &SessionValues::access_token);
  compare("the refresh token", &SessionValues::refresh_token);
  compare("the expiry", &SessionValues::expiry);
  compare("the user id", &SessionValues::uid);
  if (!differences.empty()) {
    fail("types_constant", differences + ".");
  } else if (seen_values_.size() < 2) {
    skip("types_constant", "There was one answer only.");
  } else {
    pass("types_constant", "The same in " + std::to_string(seen_values_.size()) + " answers.");
  }
}

}  // namespace latchkey::doctor

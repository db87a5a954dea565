// The expiry, the token and what it opens.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/json_reader.h"
#include "crypto/jwk_verify.h"
#include "doctor/probe/run.h"
#include "flutterflow/project/lookup.h"

namespace latchkey::doctor {
namespace {

namespace json = boost::json;

constexpr std::chrono::minutes kTooShort{10};

std::string text_at(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace

void Run::look_at_expiry() {
  static constexpr std::array<std::string_view, 3> kChecks = {"expiry_unit", "expiry_in_future",
                                                              "expiry_too_short"};
  const auto skip_all = [&](const std::string& why) {
    for (const std::string_view id : kChecks) skip(id, why);
  };
  if (identifier_.empty()) {
    skip_all(why_no_login_);
    skip("uid_is_text", why_no_login_);
    return;
  }
  if (!first_.uid) {
    skip("uid_is_text", "The login's answer has no user id.");
  } else if (first_.uid.kind == "text") {
    pass("uid_is_text", "It is.", login_.name());
  } else {
    fail("uid_is_text", first_.uid.path + " is a " + first_.uid.kind + ".", login_.name());
  }
  if (!first_.expiry) {
    skip_all("The login's answer has no expiry.");
    return;
  }
  const Expiry expiry = read_expiry(first_.expiry, server_time_);
  const std::string words = first_.expiry.path + " is " + std::string(words_for(expiry.form));
  switch (expiry.form) {
    case Expiry::Form::seconds:
    case Expiry::Form::iso_with_zone:
    case Expiry::Form::milliseconds:
      pass("expiry_unit", words + ".", login_.name());
      break;
    case Expiry::Form::relative_seconds:
    case Expiry::Form::microseconds:
    case Expiry::Form::iso_without_zone:
    case Expiry::Form::unknown:
      fail("expiry_unit", words + ".", login_.name());
      break;
  }
  if (!expiry.at) {
    skip("expiry_in_future", "The expiry could not be read.");
    skip("expiry_too_short", "The expiry could not be read.");
    return;
  }
  const auto left = std::chrono::duration_cast<std::chrono::seconds>(*expiry.at - server_time_);
  if (left.count() <= 0) {
    fail("expiry_in_future", fmt::format("It was {} s ago by the server's own clock.", -left.count()),
         login_.name());
    skip("expiry_too_short", "It has passed already.");
    return;
  }
  pass("expiry_in_future", fmt::format("It is {} s from now.", left.count()), login_.name());
  if (left < kTooShort) {
    fail("expiry_too_short", fmt::format("It comes after {} s.", left.count()), login_.name());
  } else {
    pass("expiry_too_short",
         fmt::format(
             "It comes after {} min. If that is the access token's, keep people logged in by a refresh.",
             left.count() / 60),
         login_.name());
  }
}

void Run::look_at_token() {
  static constexpr std::array<std::string_view, 5> kChecks = {"token_is_jwt", "jwt_alg", "jwt_claims",
                                                              "jwks_reachable", "jwt_signature"};
  if (identifier_.empty() || !first_.access_token) {
    for (const std::string_view id : kChecks) skip(id, why_no_login_);
    return;
  }
  const auto jwt = read_jwt(first_.access_token.text);
  if (!jwt) {
    fail("token_is_jwt", "It is a text of " + std::to_string(first_.access_token.text.size()) +
                             " characters that only the server can read.");
    for (const std::string_view id : kChecks) skip(id, "The token is no JWT.");
    return;
  }
  pass("token_is_jwt", "It is, signed with " + jwt->alg + ".");
  static constexpr std::array<std::string_view, 12> kGood = {"HS256", "HS384", "HS512", "RS256",
                                                             "RS384", "RS512", "PS256", "PS384",
                                                             "PS512", "ES256", "ES384", "EdDSA"};
  const std::string lower = flutterflow::lower(jwt->alg);
  if (lower == "none" || jwt->signature.empty()) {
    fail("jwt_alg", "alg is " + jwt->alg + ": the token is not signed.");
  } else if (std::ranges::find(kGood, jwt->alg) == kGood.end() && jwt->alg != "ES512") {
    set("jwt_alg", Verdict::warn, "alg is " + jwt->alg + ", which is not common.");
  } else if (jwt->alg.starts_with("HS")) {
    pass("jwt_alg", jwt->alg + ": a secret that only the server knows. It must be long and random.");
  } else {
    pass("jwt_alg", jwt->alg + ".");
  }
  std::string wrong;
  const auto say = [&](std::string text) { wrong += (wrong.empty() ? "" : "; ") + std::move(text); };
  if (!jwt->has("exp")) {
    say("exp is missing");
  } else if (!jwt->number("exp")) {
    say("exp is no number");
  }
  if (jwt->has("iat") && !jwt->number("iat")) say("iat is no number");
  const std::string subject = jwt->text("sub");
  static constexpr std::array<std::string_view, 4> kInsteadOfSub = {"user_id", "uid", "id", "userId"};
  const auto other =
      std::ranges::find_if(kInsteadOfSub, [&](std::string_view name) { return jwt->has(name); });
  if (subject.empty() && other == kInsteadOfSub.end()) say("sub is missing");
  if (!subject.empty() && first_.uid && subject != first_.uid.text &&
      subject.find('@') == std::string::npos) {
    say("sub is not the user id that the login answers");
  }
  if (wrong.empty()) {
    pass("jwt_claims", subject.empty() ? fmt::format("exp is there, and {} in place of sub.", *other)
                                       : std::string("exp and sub are there."));
  } else {
    fail("jwt_claims", wrong + ".");
  }
  look_at_keys(*jwt);
}

void Run::look_at_keys(const Jwt& jwt) {
  if (jwt.alg.starts_with("HS") || jwt.signature.empty()) {
    const std::string why = jwt.signature.empty()
                                ? "The token is not signed."
                                : "It is signed with a secret, so there are no public keys.";
    skip("jwks_reachable", why);
    skip("jwt_signature", why);
    return;
  }
  std::vector<std::string> paths;
  const auto add = [&](std::string path) {
    if (std::ranges::find(paths, path) == paths.end()) paths.push_back(std::move(path));
  };
  add(target_.base + "/.well-known/jwks.json");
  add("/.well-known/jwks.json");
  std::string folder = login_.target.substr(0, login_.target.find('?'));
  folder = folder.substr(0, folder.rfind('/'));
  add(folder + "/.well-known/jwks.json");
  add(folder + "/jwks");
  // What the token names as its issuer counts on the same host only.
  if (const std::string issuer = jwt.text("iss"); origin_of(issuer) == target_.origin) {
    std::string path = issuer.substr(target_.origin.size());
    while (path.ends_with('/')) path.pop_back();
    add(path + "/.well-known/jwks.json");
  }
  std::optional<json::value> keys;
  for (const std::string& path : paths) {
    const ProbeReply reply =
        prober_->send({.what = "looking for the public keys", .method = "GET", .target = path});
    if (reply.is_ok() && reply.json && reply.json->is_object() && reply.json->get_object().contains("keys")) {
      keys = reply.json;
      pass("jwks_reachable", "They are at " + path + ".", "GET " + path);
      break;
    }
  }
  if (!keys || !keys->get_object().at("keys").is_array()) {
    fail("jwks_reachable", "None of the usual paths has them (/.well-known/jwks.json).");
    skip("jwt_signature", "There are no keys to check it with.");
    return;
  }
  bool is_right = false;
  bool was_tried = false;
  bool has_kid = false;
  for (const json::value& item : keys->get_object().at("keys").get_array()) {
    if (!item.is_object()) continue;
    const json::object& key = item.get_object();
    if (!jwt.kid.empty() && text_at(key, "kid") != jwt.kid) continue;
    has_kid = true;
    const auto verified = crypto::verify_with_jwk({.kty = text_at(key, "kty"),
                                                   .crv = text_at(key, "crv"),
                                                   .x = text_at(key, "x"),
                                                   .y = text_at(key, "y"),
                                                   .n = text_at(key, "n"),
                                                   .e = text_at(key, "e")},
                                                  jwt.alg, jwt.signing_input, jwt.signature);
    was_tried = was_tried || verified.has_value();
    is_right = is_right || verified.value_or(false);
  }
  if (is_right) {
    pass("jwt_signature",
         "It fits the key" + (jwt.kid.empty() ? std::string() : " " + jwt.kid.substr(0, 40)) + ".");
  } else if (!has_kid) {
    fail("jwt_signature",
         "The token names the key " + jwt.kid.substr(0, 40) + ", which is not among the published ones.");
  } else if (was_tried) {
    fail("jwt_signature", "It does not fit.");
  } else {
    skip("jwt_signature", jwt.alg + " with that kind of key is not known to the doctor.");
  }
}

void Run::look_at_protection() {
  static constexpr std::array<std::string_view, 3> kChecks = {"protected_needs_token",
                                                              "tampered_token_refused", "none_alg_refused"};
  if (!me_) {
    for (const std::string_view id : kChecks) skip(id, "There is no protected endpoint to try (--me PATH).");
    return;
  }
  const ProbeReply without = who_am_i("the protected page without a token", {});
  note_error(without, me_.name());
  if (without.is_ok() && without.json && !without.json->is_null()) {
    fail("protected_needs_token", me_.name() + " answers " + without.words() + " without any token.",
         me_.name());
    for (const std::string_view id : kChecks) skip(id, "It answers without any token.");
    return;
  }
  if (without.is_refusal()) {
    pass("protected_needs_token", me_.name() + " answers " + without.words() + " without a token.",
         me_.name());
  } else if (without.is_ok()) {
    pass("protected_needs_token", me_.name() + " answers nothing about anybody without a token.", me_.name());
  } else {
    set("protected_needs_token", Verdict::warn,
        me_.name() + " answers " + without.words() + " without a token instead of 401.", me_.name());
  }
  if (identifier_.empty() || !first_.access_token) {
    skip("tampered_token_refused", why_no_login_);
    skip("none_alg_refused", why_no_login_);
    return;
  }
  const ProbeReply right = who_am_i("the protected page with the token", first_.access_token.text);
  keep_answer("me", me_, right);
  if (!right.is_ok()) {
    const std::string why =
        me_.name() + " answers " + right.words() + " to the right token, so nothing follows from a refusal.";
    skip("tampered_token_refused", why);
    skip("none_alg_refused", why);
    note_error(right, me_.name());
    return;
  }
  const auto is_in = [&](const ProbeReply& reply) {
    return reply.is_ok() && reply.json && !reply.json->is_null();
  };
  const bool takes_broken =
      is_in(who_am_i("a token whose signature was changed", with_broken_signature(first_.access_token.text)));
  const bool takes_changed =
      is_in(who_am_i("a token whose contents were changed", with_changed_claims(first_.access_token.text)));
  if (takes_broken || takes_changed) {
    fail("tampered_token_refused",
         me_.name() + " lets in a token " +
             (takes_broken ? "with a wrong signature." : "with changed contents."),
         me_.name());
  } else {
    pass("tampered_token_refused", "They are refused.", me_.name());
  }
  if (!read_jwt(first_.access_token.text)) {
    skip("none_alg_refused", "The token is no JWT.");
    return;
  }
  for (const std::string& token : unsigned_variants(first_.access_token.text)) {
    if (!is_in(who_am_i("an unsigned token", token))) continue;
    fail("none_alg_refused", me_.name() + " lets in a token that says alg: none.", me_.name());
    return;
  }
  pass("none_alg_refused", "They are refused.", me_.name());
}

}  // namespace latchkey::doctor

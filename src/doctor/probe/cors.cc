// What a browser asks before it lets a page read an answer (the Fetch standard, section 3.2).
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "doctor/probe/run.h"
#include "flutterflow/project/lookup.h"

namespace latchkey::doctor {
namespace {

constexpr std::string_view kStandIn = "https://app.example.com";

// Whether a list such as `content-type, Authorization` names it.
bool lists(std::string_view list, std::string_view wanted) {
  const std::string lower = flutterflow::lower(list);
  std::size_t begin = 0;
  while (begin <= lower.size()) {
    const std::size_t end = std::min(lower.find(',', begin), lower.size());
    std::string_view item = std::string_view(lower).substr(begin, end - begin);
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    if (item == wanted) return true;
    begin = end + 1;
  }
  return false;
}

bool allows_origin(const ProbeReply& reply, std::string_view origin) {
  const std::string allowed = reply.header("Access-Control-Allow-Origin");
  return allowed == "*" || allowed == origin;
}

std::string words_for_origin(const ProbeReply& reply) {
  const std::string allowed = reply.header("Access-Control-Allow-Origin");
  return allowed.empty() ? "no Access-Control-Allow-Origin"
                         : "Access-Control-Allow-Origin: " + allowed.substr(0, 80);
}

}  // namespace

void Run::look_at_cors() {
  static constexpr std::array<std::string_view, 5> kChecks = {"cors_preflight", "cors_headers_allowed",
                                                              "cors_on_success", "cors_on_errors",
                                                              "cors_wildcard_with_credentials"};
  if (!login_) {
    for (const std::string_view id : kChecks) skip(id, why_no_login_);
    return;
  }
  std::vector<std::string> origins = options_.origins;
  const bool is_stand_in = origins.empty();
  if (is_stand_in) origins.emplace_back(kStandIn);
  const std::string hint =
      is_stand_in ? " " + std::string(kStandIn) + " stood in for your app: give its address with --origin."
                  : "";
  // A server that allows some origins only may rightly refuse the one that stands in.
  const auto fail_or_warn = [&](std::string_view id, std::string evidence, const std::string& endpoint,
                                bool names_other) {
    if (is_stand_in && names_other) {
      skip(id, "The server allows some origins only. Give your app's address with --origin.");
    } else {
      fail(id, std::move(evidence) + hint, endpoint);
    }
  };
  struct Asked {
    const Endpoint* endpoint;
    bool needs_token;
  };
  std::vector<Asked> asked = {{&login_, false}};
  if (signup_) asked.push_back({&signup_, false});
  if (refresh_) asked.push_back({&refresh_, false});
  if (me_) asked.push_back({&me_, true});
  if (logout_) asked.push_back({&logout_, true});
  std::string extra;
  for (const auto& [name, value] : options_.headers) extra += "," + flutterflow::lower(name);

  bool has_wildcard = false;
  bool has_credentials = false;
  const auto note = [&](const ProbeReply& reply) {
    const bool is_wild = reply.header("Access-Control-Allow-Origin") == "*";
    has_wildcard = has_wildcard || is_wild;
    has_credentials =
        has_credentials ||
        (is_wild && flutterflow::lower(reply.header("Access-Control-Allow-Credentials")) == "true");
  };
  bool preflight_fails = false;
  for (const std::string& origin : origins) {
    for (const Asked& one : asked) {
      if (preflight_fails) break;
      // A GET without a token and a form need no question; the app sends JSON and tokens.
      const std::string headers = one.needs_token ? "authorization" : "content-type";
      const ProbeReply reply =
          prober_->send({.what = "asking as a browser does before a call",
                         .method = "OPTIONS",
                         .target = one.endpoint->target,
                         .origin = origin,
                         .headers = {{"Access-Control-Request-Method", one.endpoint->method},
                                     {"Access-Control-Request-Headers", headers + extra}}});
      note(reply);
      const std::string name = "OPTIONS " + one.endpoint->target.substr(0, one.endpoint->target.find('?'));
      const bool names_other = !reply.header("Access-Control-Allow-Origin").empty() ||
                               flutterflow::lower(reply.header("Vary")).find("origin") != std::string::npos;
      const std::string methods = reply.header("Access-Control-Allow-Methods");
      const bool allows_method = methods.empty() || methods == "*" ||
                                 lists(methods, flutterflow::lower(one.endpoint->method)) ||
                                 one.endpoint->method == "GET" || one.endpoint->method == "POST";
      if (!reply.is_ok() || !allows_origin(reply, origin) || !allows_method) {
        preflight_fails = true;
        fail_or_warn(
            "cors_preflight",
            fmt::format("{} answers {} with {} to {}.", name, reply.words(), words_for_origin(reply), origin),
            one.endpoint->name(), names_other && reply.is_ok());
        break;
      }
      const std::string allowed = reply.header("Access-Control-Allow-Headers");
      cors_allowed_headers_.append(cors_allowed_headers_.empty() ? "" : ", ").append(allowed);
      std::string missing;
      std::size_t begin = 0;
      const std::string wanted = headers + extra;
      while (begin < wanted.size()) {
        const std::size_t end = std::min(wanted.find(',', begin), wanted.size());
        const std::string header = wanted.substr(begin, end - begin);
        // The star does not stand for Authorization.
        if (!lists(allowed, header) && !(allowed == "*" && header != "authorization"))
          missing.append(missing.empty() ? "" : ", ").append(header);
        begin = end + 1;
      }
      if (!missing.empty()) {
        fail("cors_headers_allowed",
             fmt::format("{} does not allow {} (Access-Control-Allow-Headers: {}).", name, missing,
                         allowed.empty() ? "missing" : allowed.substr(0, 120)),
             one.endpoint->name());
      }
    }
  }
  if (preflight_fails) {
    skip("cors_headers_allowed", "The question before the call is not answered (see cors_preflight).");
  } else {
    pass("cors_preflight",
         "It is answered on " + std::to_string(asked.size()) + " endpoints for " + origins.front() +
             (origins.size() > 1 ? " and " + std::to_string(origins.size() - 1) + " more" : "") + "." + hint);
    pass("cors_headers_allowed", "content-type and authorization are allowed.");
  }

  // Answers: a success, and errors of all kinds.
  const auto judge = [&](std::string_view id, const ProbeReply& reply, const std::string& origin,
                         const std::string& what, const std::string& endpoint) {
    note(reply);
    if (reply.failure || allows_origin(reply, origin)) return true;
    const bool names_other = !reply.header("Access-Control-Allow-Origin").empty() ||
                             flutterflow::lower(reply.header("Vary")).find("origin") != std::string::npos;
    fail_or_warn(id,
                 what + " (" + reply.words() + ") has " + words_for_origin(reply) + " for " + origin + ".",
                 endpoint, names_other);
    return false;
  };
  if (identifier_.empty()) {
    skip("cors_on_success", why_no_login_);
  } else {
    bool is_right = true;
    for (const std::string& origin : origins) {
      if (!is_right) break;
      const ProbeReply reply = log_in("logging in as a browser does", identifier_, password_, origin);
      if (reply.is_ok()) {
        is_right = judge("cors_on_success", reply, origin, "The login's answer", login_.name());
      } else if (reply.status == 403) {
        // The same login worked without an origin.
        is_right = false;
        fail("cors_on_success",
             "The login works from elsewhere and answers " + reply.words() + " to " + origin + ".",
             login_.name());
      }
    }
    if (is_right) pass("cors_on_success", "The login's answer may be read." + hint, login_.name());
  }
  bool errors_are_right = true;
  for (const std::string& origin : origins) {
    if (!errors_are_right) break;
    const ProbeReply broken = prober_->send({.what = "a broken request as from a browser",
                                             .method = login_.method,
                                             .target = login_.target,
                                             .body = "{\"email\":",
                                             .origin = origin});
    note_error(broken, login_.name());
    errors_are_right =
        judge("cors_on_errors", broken, origin, login_.name() + " with a broken request", login_.name());
    if (errors_are_right && me_) {
      const ProbeReply refused =
          who_am_i("the protected page without a token, as from a browser", {}, origin);
      errors_are_right =
          judge("cors_on_errors", refused, origin, me_.name() + " without a token", me_.name());
    }
    if (errors_are_right) {
      const std::string missing = nothing_here_target();
      const ProbeReply nothing = prober_->send({.what = "what is not there, as from a browser",
                                                .method = "GET",
                                                .target = missing,
                                                .origin = origin});
      note(nothing);
      if (!nothing.failure && !allows_origin(nothing, origin)) {
        errors_are_right = false;
        set("cors_on_errors", Verdict::warn,
            "A path that does not exist (" + nothing.words() + ") has " + words_for_origin(nothing) +
                ", so a typing mistake in a path looks like a dead server." + hint);
      }
    }
  }
  if (errors_are_right) pass("cors_on_errors", "They may be read." + hint);
  if (has_credentials) {
    fail("cors_wildcard_with_credentials",
         "Access-Control-Allow-Origin: * comes with Access-Control-Allow-Credentials: true.");
  } else {
    pass("cors_wildcard_with_credentials",
         has_wildcard ? "Every origin is allowed, and cookies are not." : "The star is not used.");
  }
}

}  // namespace latchkey::doctor

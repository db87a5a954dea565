#include "doctor/join.h"

#include <algorithm>
#include <boost/json/value.hpp>
#include <optional>

#include "base/json_reader.h"
#include "doctor/probe/answer.h"
#include "doctor/probe/target.h"
#include "doctor/project/context.h"
#include "doctor/project/outcome.h"
#include "doctor/project/redact.h"
#include "doctor/project/sign_ins.h"
#include "flutterflow/dart/walk.h"
#include "flutterflow/json_path.h"
#include "flutterflow/project/lookup.h"

namespace latchkey::doctor {
namespace {

using flutterflow::ApiCall;
using flutterflow::Mapping;
using flutterflow::Origin;
using flutterflow::OriginKind;
namespace dart = flutterflow::dart;

// The step of the probe that a call of the app does; empty for others.
std::string_view step_of(Role role) {
  switch (role) {
    case Role::login:
      return "login";
    case Role::registration:
      return "signup";
    case Role::refresh:
      return "refresh";
    case Role::logout:
      return "logout";
    case Role::profile:
      return "me";
    case Role::none:
    case Role::code:
    case Role::recovery:
      return {};
  }
  return {};
}

// Path and query of a URL in the source; nothing when a part of it is not known.
std::optional<std::string> path_of(const ApiCall& call) {
  const std::string& url = call.url_text;
  const std::size_t scheme = url.find("://");
  if (scheme == std::string::npos) return std::nullopt;
  const std::size_t slash = url.find('/', scheme + 3);
  std::string path = slash == std::string::npos ? "/" : url.substr(slash);
  if (path.find_first_of("[ #") != std::string::npos) return std::nullopt;
  return path;
}

class Joiner {
 public:
  Joiner(const Analysis& analysis, const ProbeOptions& options, const ProbeResult& probed)
      : context_(analysis.project, analysis.handlers), options_(options), probed_(probed) {}

  std::vector<Finding> run() {
    host_differs();
    endpoint_differs();
    header_missing();
    header_refused();
    mappings();
    message_missing();
    return std::move(findings_);
  }

 private:
  const ProbeAnswer* answer(std::string_view step) const {
    const auto found = std::ranges::find(probed_.answers, step, &ProbeAnswer::step);
    return found == probed_.answers.end() ? nullptr : &*found;
  }

  // The live answer of the step that the call does; nothing when there is none that worked.
  std::optional<boost::json::value> live_answer(const ApiCall& call) const {
    const ProbeAnswer* found = answer(step_of(context_.role_of(call)));
    if (found == nullptr || found->status < 200 || found->status >= 300) return std::nullopt;
    return base::parse_json(found->body);
  }

  std::string_view path_found(std::string_view name) const {
    for (const auto& [key, path] : probed_.value_paths) {
      if (key == name) return path;
    }
    return {};
  }

  void keep(Outcome outcome) { findings_.push_back(outcome.take()); }

  void host_differs() {
    Outcome outcome("join_host_differs");
    const auto target = read_target(options_.url);
    bool is_known = false;
    for (const CallFacts& facts : context_.calls()) {
      if (!facts.is_called || !facts.is_in_flow()) continue;
      const std::string origin = origin_of(facts.call->url_text);
      if (origin.empty() || origin.find('[') != std::string::npos) continue;
      is_known = true;
      if (target && flutterflow::lower(origin) == flutterflow::lower(target->origin)) continue;
      outcome.add(facts.call->host_site.unit != nullptr ? facts.call->host_site : facts.call->make_site);
      if (outcome.places() == 1)
        outcome.say("The app calls " + origin + ", and you tested " +
                    (target ? target->origin : options_.url) + ".");
    }
    if (!is_known) outcome.skip("The source does not say where the calls go.");
    keep(std::move(outcome));
  }

  void endpoint_differs() {
    Outcome outcome("join_endpoint_differs");
    bool is_known = false;
    for (const CallFacts& facts : context_.calls()) {
      const std::string_view step = step_of(facts.role);
      if (!facts.is_called || step.empty() || facts.role == Role::profile) continue;
      const ProbeAnswer* live = answer(step);
      const auto path = path_of(*facts.call);
      if (live == nullptr || !path) continue;
      is_known = true;
      const std::string own = facts.call->method + " " + path->substr(0, path->find('?'));
      if (live->endpoint != own) continue;  // another one of the server's was tried
      if (live->status != 404 && live->status != 405) continue;
      outcome.add(facts.call->make_site);
      outcome.say(own + " is answered with " + std::to_string(live->status) + ".");
    }
    if (!is_known)
      outcome.skip(
          "No call of the app could be tried; that needs --email and --password or --create-account.");
    keep(std::move(outcome));
  }

  // Names of the headers that the app sends with its calls of the flow.
  std::vector<std::pair<std::string, flutterflow::Site>> sent_headers() const {
    std::vector<std::pair<std::string, flutterflow::Site>> names;
    for (const CallFacts& facts : context_.calls()) {
      if (!facts.is_called || !facts.is_in_flow()) continue;
      for (const flutterflow::CallHeader& header : facts.call->headers)
        names.emplace_back(flutterflow::lower(header.name), header.site);
    }
    return names;
  }

  void header_missing() {
    Outcome outcome("join_header_missing");
    const auto sent = sent_headers();
    for (const auto& [name, value] : options_.headers) {
      const std::string lower = flutterflow::lower(name);
      const bool is_sent =
          std::ranges::any_of(sent, [&](const auto& header) { return header.first == lower; });
      if (is_sent) continue;
      outcome.add_absence(context_.first_call_class());
      outcome.say("You tested with " + name + ", which no call of the login sends.");
    }
    if (options_.headers.empty())
      outcome.skip("The server was tested without headers of its own (--header).");
    keep(std::move(outcome));
  }

  void header_refused() {
    Outcome outcome("join_header_refused");
    if (probed_.cors_allowed_headers.empty()) {
      outcome.skip("The server's answer to a browser's question is not known.");
      keep(std::move(outcome));
      return;
    }
    const std::string allowed = "," + flutterflow::lower(probed_.cors_allowed_headers) + ",";
    std::string flat;
    std::ranges::copy_if(allowed, std::back_inserter(flat), [](char c) { return c != ' '; });
    for (const auto& [name, site] : sent_headers()) {
      if (name == "accept" || name == "accept-language" || name == "content-language") continue;
      if (flat.find("," + name + ",") != std::string::npos || (flat == ",*," && name != "authorization"))
        continue;
      outcome.add(site);
      outcome.say("The server allows " + probed_.cors_allowed_headers.substr(0, 120) + ", and not " + name +
                  ".");
    }
    keep(std::move(outcome));
  }

  void mappings() {
    Outcome missing("join_path_missing");
    Outcome type("join_type_differs");
    Outcome expiry("join_expiry_differs");
    bool is_compared = false;
    bool has_expiry = false;
    for (const Mapping& mapping : context_.mappings()) {
      if (!mapping.handler->is_reachable || mapping.value == nullptr) continue;
      for (const Origin* origin : mapping.origin.all()) {
        if (origin->kind != OriginKind::answer || origin->call == nullptr || origin->json_path.size() < 2)
          continue;
        const auto live = live_answer(*origin->call);
        const auto path = flutterflow::JsonPath::parse(origin->json_path);
        if (!live || !path) continue;
        is_compared = true;
        const flutterflow::Site site = site_of(*mapping.handler, *mapping.step, mapping.value);
        const boost::json::value* value = path->first_in(*live);
        if (value == nullptr || value->is_null()) {
          missing.add(site);
          const std::string_view right = path_found(name_of(mapping.argument));
          missing.say(mapping.argument + " reads " + path->text() + ", where the answer of " +
                      endpoint_of(*origin->call) + (value == nullptr ? " has nothing" : " has null") +
                      (right.empty() ? "." : "; it has it at " + std::string(right) + "."));
          continue;
        }
        const std::string wrong = wrong_type(*origin, *value);
        if (!wrong.empty()) {
          type.add(site);
          type.say(path->text() + " is a " + std::string(kind_name(*value)) + ", and the app reads it as " +
                   wrong + ".");
        }
        if (mapping.argument == "tokenExpiration") {
          has_expiry = true;
          const std::string unit = wrong_unit(*origin, *value);
          if (!unit.empty()) {
            expiry.add(site);
            expiry.say(path->text() + " is " + unit + ".");
          }
        }
      }
    }
    const std::string_view why =
        "No answer of the server could be compared with what the app reads; that needs --email and "
        "--password or --create-account.";
    if (!is_compared) {
      missing.skip(why);
      type.skip(why);
    }
    if (!has_expiry) expiry.skip(is_compared ? "The app reads no expiry out of the answer." : why);
    keep(std::move(missing));
    keep(std::move(type));
    keep(std::move(expiry));
  }

  static std::string_view name_of(std::string_view argument) {
    if (argument == "authenticationToken") return "access_token";
    if (argument == "refreshToken") return "refresh_token";
    if (argument == "tokenExpiration") return "expires_at";
    if (argument == "authUid") return "uid";
    return {};
  }

  // What the app wants in place of what the answer has; empty when they fit. A conversion to text takes
  // everything.
  std::string wrong_type(const Origin& origin, const boost::json::value& value) const {
    std::string wanted;
    if (!origin.getter.empty()) {
      for (const flutterflow::CallGetter& getter : origin.call->getters) {
        if (getter.name == origin.getter && !getter.is_list) wanted = getter.type;
      }
    }
    for (const std::string& conversion : origin.conversions) {
      if (conversion.find("toString") != std::string::npos || conversion.starts_with("interpolation")) break;
      if (conversion.starts_with("castToType<")) wanted = conversion.substr(11, conversion.size() - 12);
      if (conversion.starts_with("as ")) wanted = conversion.substr(3);
    }
    if (wanted.ends_with('?')) wanted.pop_back();
    const bool is_text = value.is_string();
    const bool is_number = value.is_number();
    if (wanted == "String" && !is_text) return "a text (String)";
    if ((wanted == "int" || wanted == "double" || wanted == "num") && !is_number)
      return "a number (" + wanted + ")";
    if (wanted == "bool" && !value.is_bool()) return "true or false (bool)";
    return {};
  }

  static std::string wrong_unit(const Origin& origin, const boost::json::value& value) {
    const FoundValue found{
        .path = "$",
        .text = value.is_string() ? std::string(value.get_string()) : std::to_string(as_number(value)),
        .kind = std::string(kind_name(value))};
    const Expiry expiry = read_expiry(found, base::Timestamp{});
    const auto converts = [&](std::string_view part) {
      return std::ranges::any_of(
          origin.conversions, [&](const std::string& text) { return text.find(part) != std::string::npos; });
    };
    const bool as_seconds = converts("dateTimeFromSecondsSinceEpoch");
    const bool as_milliseconds = converts("fromMillisecondsSinceEpoch");
    const std::string is = std::string(words_for(expiry.form));
    if (as_seconds && expiry.form != Expiry::Form::seconds)
      return is + ", and the app reads seconds since 1970";
    if (as_milliseconds && expiry.form != Expiry::Form::milliseconds)
      return is + ", and the app reads milliseconds since 1970";
    if (converts("DateTime.parse") && value.is_number()) return is + ", and the app reads a text";
    return {};
  }

  static std::int64_t as_number(const boost::json::value& value) {
    if (value.is_int64()) return value.get_int64();
    if (value.is_double()) return static_cast<std::int64_t>(value.get_double());
    return 0;
  }

  // What is shown when the login fails, against the answer to a wrong password.
  void message_missing() {
    Outcome outcome("join_message_missing");
    const ProbeAnswer* refused = answer("login_error");
    const auto body = refused == nullptr ? std::nullopt : base::parse_json(refused->body);
    bool is_compared = false;
    if (body) {
      for (const auto& handler : context_.handlers().all) {
        if (!handler->is_reachable) continue;
        for (const flutterflow::Step& step : handler->steps) {
          if (step.kind != flutterflow::StepKind::show || step.expression == nullptr) continue;
          dart::walk(step.expression, [&](const dart::Expression& node) {
            if (node.kind != dart::ExpressionKind::call) return true;
            const Origin origin = resolve(context_.project(), *handler, step, &node);
            if (origin.kind != OriginKind::answer || origin.call == nullptr || origin.json_path.size() < 2)
              return true;
            if (context_.role_of(*origin.call) != Role::login) return true;
            const auto path = flutterflow::JsonPath::parse(origin.json_path);
            if (!path) return true;
            is_compared = true;
            const boost::json::value* value = path->first_in(*body);
            if (value != nullptr && !value->is_null()) return false;
            outcome.add(site_of(*handler, step, &node));
            outcome.say("A wrong password is answered with " + excerpt(refused->body) +
                        "; there is nothing at " + path->text() + ".");
            return false;
          });
        }
      }
    }
    if (!body) {
      outcome.skip("The server's answer to a wrong password is not known.");
    } else if (!is_compared) {
      outcome.skip("The app shows nothing out of the answer when the login fails.");
    }
    keep(std::move(outcome));
  }

  const Context context_;
  const ProbeOptions& options_;
  const ProbeResult& probed_;
  std::vector<Finding> findings_;
};

}  // namespace

void add_paths_of_project(const Analysis& analysis, ProbeOptions& options) {
  if (analysis.project.kind != flutterflow::Project::Kind::custom_auth) return;
  const Context context(analysis.project, analysis.handlers);
  for (const CallFacts& facts : context.calls()) {
    if (!facts.is_called) continue;
    StepOption* step = nullptr;
    if (facts.role == Role::login) step = &options.login;
    if (facts.role == Role::registration) step = &options.signup;
    if (facts.role == Role::refresh) step = &options.refresh;
    if (facts.role == Role::logout) step = &options.logout;
    if (facts.role == Role::profile && facts.call->method == "GET") step = &options.me;
    const auto path = path_of(*facts.call);
    if (step == nullptr || !step->path.empty() || !path) continue;
    step->path = origin_of(options.url) + *path;  // whole, whatever the path of the options' address
    if (step->method.empty()) step->method = facts.call->method;
  }
}

void join(Analysis& analysis, const ProbeOptions& options, const ProbeResult& probed) {
  Report& report = analysis.report;
  report.findings.insert(report.findings.end(), probed.report.findings.begin(), probed.report.findings.end());
  if (analysis.project.kind == flutterflow::Project::Kind::custom_auth) {
    for (Finding& finding : Joiner(analysis, options, probed).run())
      report.findings.push_back(std::move(finding));
  }
  report.sort();
}

}  // namespace latchkey::doctor

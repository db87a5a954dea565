#include "doctor/project/yaml.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/json_text.h"
#include "doctor/project/hosts.h"
#include "doctor/project/outcome.h"
#include "doctor/project/redact.h"
#include "doctor/project/roles.h"
#include "doctor/project/secrets.h"
#include "flutterflow/project/lookup.h"
#include "flutterflow/project_yaml.h"

namespace latchkey::doctor {
namespace {

using flutterflow::BodyKind;
using flutterflow::YamlCall;
using flutterflow::YamlPage;
using flutterflow::YamlProject;

constexpr std::string_view kOnlyInCode =
    "The YAML of the Project API does not show this: download the code and give that.";

struct Facts {
  const YamlCall* call = nullptr;
  Role role = Role::none;
  bool is_in_flow() const {
    return role == Role::login || role == Role::code || role == Role::registration || role == Role::refresh ||
           role == Role::logout;
  }
};

Role role_of(const YamlCall& call) {
  const Role by_path = role_of_path(call.url, call.method);
  if (by_path != Role::none && by_path != Role::profile) return by_path;
  const Role by_name = role_of_name(call.name);
  if (by_name != Role::none && by_name != Role::profile) return by_name;
  if (std::ranges::any_of(call.variables, is_password_name)) {
    return call.variables.size() > 3 ? Role::registration : Role::login;
  }
  return by_name == Role::none ? by_path : by_name;
}

// Findings with places in files of the tree, found again by their text: a value of YAML does not say where it
// stood.
class Look {
 public:
  Look(const flutterflow::SourceTree& tree, const YamlProject& project) : tree_(tree), project_(project) {
    for (const YamlCall& call : project.calls) calls_.push_back({.call = &call, .role = role_of(call)});
  }

  const std::vector<Facts>& calls() const { return calls_; }

  void auth_pages_not_set(Outcome& outcome) const {
    const auto look_at = [&](const std::string& key, std::string_view field, std::string_view what) {
      if (!key.empty() && project_.find_page(key) != nullptr) return;
      add(outcome, "app-details.yaml", key.empty() ? "authPageInfo" : field,
          key.empty() ? "authPageInfo" : key);
      outcome.say(key.empty() ? "No " + std::string(what) + " is set."
                              : "The " + std::string(what) + " " + key + " is no page of the project.");
    };
    look_at(project_.entry_key, "signInPageNodeKeyRef", "entry page");
    look_at(project_.logged_in_key, "homePageNodeKeyRef", "logged-in page");
  }

  void entry_equals_logged_in(Outcome& outcome) const {
    if (project_.entry_key.empty() || project_.entry_key != project_.logged_in_key) return;
    add(outcome, "app-details.yaml", "authPageInfo", "authPageInfo");
    outcome.say("Both are " + name_of(project_.entry_key) + ".");
  }

  void http_cleartext(Outcome& outcome) const {
    for (const Facts& facts : calls_) {
      const YamlCall& call = *facts.call;
      if (!call.is_used || !facts.is_in_flow() || !call.url.starts_with("http://")) continue;
      const std::string host = host_of(call.url);
      if (host.empty() || is_dev_host(host)) continue;
      add(outcome, call.file, "url:", call.url);
      if (outcome.places() == 1) outcome.say("Passwords and tokens go to http://" + host + ".");
    }
  }

  void dev_host(Outcome& outcome) const {
    for (const Facts& facts : calls_) {
      const std::string host = host_of(facts.call->url);
      if (!facts.call->is_used || host.empty() || !is_dev_host(host)) continue;
      add(outcome, facts.call->file, "url:", facts.call->url);
      outcome.say(facts.call->name + " calls " + host + ".");
    }
  }

  void body_unescaped(Outcome& outcome) const {
    for (const Facts& facts : calls_) {
      const YamlCall& call = *facts.call;
      if (!call.is_used || call.escapes || call.body_kind != BodyKind::json) continue;
      if (facts.role != Role::login && facts.role != Role::registration) continue;
      const auto raw = std::ranges::find_if(call.text_variables, [&](const std::string& name) {
        return call.body.find("<" + name + ">") != std::string::npos;
      });
      if (raw == call.text_variables.end()) continue;
      add(outcome, call.file, "body:", "<" + *raw + ">");
      outcome.say(call.name + " puts " + *raw +
                  " into its body as it is: Escape Variables In Request Body is off.");
    }
  }

  void password_in_url(Outcome& outcome) const {
    for (const Facts& facts : calls_) {
      const YamlCall& call = *facts.call;
      const std::size_t query = call.url.find('?');
      const bool is_query = call.method == "GET" || call.method == "DELETE";
      const auto found = std::ranges::find_if(call.variables, [&](const std::string& name) {
        if (!is_plain_password_name(name)) return false;
        const bool in_url =
            query != std::string::npos && call.url.find("[" + name + "]", query) != std::string::npos;
        return in_url || (is_query && call.body_kind == BodyKind::none);
      });
      if (call.is_used && found != call.variables.end()) add(outcome, call.file, "url:", call.url);
    }
  }

  void auth_call_cached(Outcome& outcome) const {
    for (const Facts& facts : calls_) {
      const bool feeds = facts.role == Role::login || facts.role == Role::registration ||
                         facts.role == Role::code || facts.role == Role::refresh;
      if (facts.call->is_used && feeds && facts.call->is_cached)
        add(outcome, facts.call->file, "cached:", facts.call->name);
    }
  }

  void private_call_firebase(Outcome& outcome) const {
    for (const Facts& facts : calls_) {
      if (facts.call->is_used && facts.is_in_flow() && facts.call->is_private)
        add(outcome, facts.call->file, "isPrivateApi:", facts.call->name);
    }
  }

  void bearer_without_scheme(Outcome& outcome) const {
    for (const Facts& facts : calls_) {
      if (!facts.call->is_used) continue;
      for (const auto& [name, value] : facts.call->headers) {
        if (flutterflow::lower(name) != "authorization" || !value.starts_with('[')) continue;
        add(outcome, facts.call->file, name, fmt::format("{}: {}", name, value));
      }
    }
  }

  void no_bearer(Outcome& outcome) const {
    for (const Facts& facts : calls_) {
      for (const auto& [name, value] : facts.call->headers) {
        if (facts.call->is_used && is_token_name(name) && value.find('[') != std::string::npos) return;
      }
    }
    // An interceptor's code may send it; that is not here.
    outcome.skip(
        "No call has a variable in its Authorization header. Whether an interceptor sets one stands in "
        "the code.");
  }

  void hardcoded_secret(Outcome& outcome) const {
    for (const Facts& facts : calls_) {
      const YamlCall& call = *facts.call;
      if (!call.is_used) continue;
      const auto look_at = [&](std::string_view text, std::string_view line) {
        const std::string_view secret = secret_in(text);
        if (secret.empty()) return;
        add(outcome, call.file, line, first_characters(secret));
        outcome.say(call.name + " holds a key or a token: " + first_characters(secret));
      };
      for (const auto& [name, value] : call.headers) look_at(value, name);
      look_at(call.url, "url:");
      look_at(call.body, "body:");
    }
  }

  void password_stored(Outcome& outcome) const {
    for (const flutterflow::YamlStateField& field : project_.app_state) {
      if (!field.is_persisted || !is_plain_password_name(field.name)) continue;
      add(outcome, "app-state.yaml", field.name, field.name);
      outcome.say("App state " + field.name + " is persisted.");
    }
  }

  std::string name_of(const std::string& key) const {
    const YamlPage* page = project_.find_page(key);
    return page == nullptr || page->name.empty() ? key : page->name;
  }

 private:
  void add(Outcome& outcome, std::string_view file, std::string_view text,
           std::string_view expression) const {
    std::uint32_t line = 1;
    if (const flutterflow::SourceFile* source = tree_.find(file); source != nullptr) {
      const std::size_t at = std::min(source->text.find(text), source->text.size());
      if (at < source->text.size())
        line += static_cast<std::uint32_t>(
            std::count(source->text.begin(), source->text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
    }
    outcome.add(
        Place{.file = std::string(file), .line = line, .end_line = line, .expression = redacted(expression)});
  }

  const flutterflow::SourceTree& tree_;
  const YamlProject& project_;
  std::vector<Facts> calls_;
};

struct YamlRule {
  std::string_view id;
  void (Look::*look)(Outcome&) const;
};

constexpr std::array kRules = {
    YamlRule{"auth_pages_not_set", &Look::auth_pages_not_set},
    YamlRule{"entry_equals_logged_in", &Look::entry_equals_logged_in},
    YamlRule{"http_cleartext", &Look::http_cleartext},
    YamlRule{"dev_host", &Look::dev_host},
    YamlRule{"body_unescaped", &Look::body_unescaped},
    YamlRule{"password_in_url", &Look::password_in_url},
    YamlRule{"auth_call_cached", &Look::auth_call_cached},
    YamlRule{"private_call_firebase", &Look::private_call_firebase},
    YamlRule{"bearer_without_scheme", &Look::bearer_without_scheme},
    YamlRule{"no_bearer", &Look::no_bearer},
    YamlRule{"hardcoded_secret", &Look::hardcoded_secret},
    YamlRule{"password_stored", &Look::password_stored},
};

Finding finding_of(const CheckInfo& check, const Look& look) {
  Outcome outcome(check.id);
  if (check.id == "not_flutterflow" || check.id == "not_custom_auth") return outcome.take();
  const auto rule = std::ranges::find(kRules, check.id, &YamlRule::id);
  if (rule == kRules.end()) {
    outcome.skip(kOnlyInCode);
  } else {
    (look.*(rule->look))(outcome);
  }
  return outcome.take();
}

std::string flow_text(const YamlProject& project, const Look& look) {
  const auto or_dash = [&](const std::string& key) {
    return key.empty() ? std::string("-") : look.name_of(key);
  };
  std::string text = "Read from the YAML of the Project API; the generated code shows more.\nEntry page " +
                     or_dash(project.entry_key) + "   Logged-in page " + or_dash(project.logged_in_key) +
                     "   Pages: " + std::to_string(project.pages.size()) + "\n";
  for (const Facts& facts : look.calls()) {
    if (!facts.is_in_flow()) continue;
    text += fmt::format("  {}: {}  {} {}{}\n", to_string(facts.role), facts.call->name, facts.call->method,
                        redacted(facts.call->url), facts.call->is_used ? "" : "  (used nowhere)");
    for (const auto& [name, path] : facts.call->json_paths) text += fmt::format("    {} <- {}\n", name, path);
  }
  return text;
}

std::string flow_json(const YamlProject& project, const Look& look) {
  std::string text;
  base::JsonWriter json(text);
  json.begin_object()
      .member("project", project.name)
      .member("generation", "YAML of the Project API")
      .member("entry_page", project.entry_key.empty() ? std::string() : look.name_of(project.entry_key))
      .member("logged_in_page",
              project.logged_in_key.empty() ? std::string() : look.name_of(project.logged_in_key));
  json.key("pages").begin_array();
  for (const YamlPage& page : project.pages) json.begin_object().member("name", page.name).end_object();
  json.end_array();
  json.key("calls").begin_array();
  for (const Facts& facts : look.calls()) {
    if (!facts.is_in_flow()) continue;
    json.begin_object()
        .member("name", facts.call->name)
        .member("role", to_string(facts.role))
        .member("method", facts.call->method)
        .member("url", redacted(facts.call->url))
        .member("called", facts.call->is_used);
    json.key("json_paths").begin_array();
    for (const auto& [name, path] : facts.call->json_paths)
      json.begin_object().member("name", name).member("json_path", path).end_object();
    json.end_array().end_object();
  }
  json.end_array().end_object();
  return text;
}

}  // namespace

Report analyse_project_yaml(const flutterflow::SourceTree& tree) {
  const YamlProject project = flutterflow::read_project_yaml(tree);
  Report report;
  report.kind = Report::Kind::project;
  report.problems = project.problems;
  if (project.has_authentication && !project.is_active) {
    Outcome outcome("not_custom_auth");
    outcome.add(Place{.file = "authentication.yaml", .line = 1, .end_line = 1, .expression = "active"});
    outcome.say("Authentication is switched off.");
    report.findings.push_back(outcome.take());
    return report;
  }
  const Look look(tree, project);
  for (const CheckInfo& check : all_checks()) {
    if (check.about == About::project) report.findings.push_back(finding_of(check, look));
  }
  report.sort();
  report.flow_json = flow_json(project, look);
  report.flow_text = flow_text(project, look);
  return report;
}

}  // namespace latchkey::doctor

#include "doctor/probe/run.h"

#include <algorithm>

#include "doctor/project/redact.h"

namespace latchkey::doctor {

Run::Run(const ProbeOptions& options, const ProbeWorld& world, Progress& progress, Target target,
         Endpoints told)
    : options_(options),
      world_(world),
      progress_(progress),
      target_(std::move(target)),
      login_(std::move(told.login)),
      signup_(std::move(told.signup)),
      refresh_(std::move(told.refresh)),
      me_(std::move(told.me)),
      logout_(std::move(told.logout)),
      identifier_(options.email),
      password_(options.password.confidential_text()) {
  report_.kind = Report::Kind::server;
  report_.target = target_.origin + target_.base;
  report_.started_at = base::to_iso8601(world.clock.now());
  if (identifier_.empty() || password_.empty()) {
    identifier_.clear();
    password_.clear();
  }
}

void Run::set(std::string_view id, Verdict verdict, std::string evidence, std::string endpoint) {
  if (is_set(id)) return;
  report_.findings.push_back({.id = std::string(id),
                              .verdict = verdict,
                              .evidence = std::move(evidence),
                              .endpoint = std::move(endpoint)});
  progress_.on_finding(report_.findings.back());
}

void Run::fail(std::string_view id, std::string evidence, std::string endpoint) {
  const CheckInfo* check = find_check(id);
  set(id, check == nullptr ? Verdict::fail : check->severity, std::move(evidence), std::move(endpoint));
}

bool Run::is_set(std::string_view id) const {
  return std::ranges::any_of(report_.findings, [&](const Finding& finding) { return finding.id == id; });
}

void Run::skip_rest(std::string_view why) {
  for (const CheckInfo& check : all_checks()) {
    if (check.about == About::server) skip(check.id, std::string(why));
  }
}

void Run::note_error(const ProbeReply& reply, const std::string& endpoint) {
  if (reply.status >= 400) errors_.emplace_back(endpoint, reply);
}

void Run::keep_answer(std::string_view step, const Endpoint& endpoint, const ProbeReply& reply) {
  answers_.push_back(
      {.step = std::string(step), .endpoint = endpoint.name(), .status = reply.status, .body = reply.body});
}

ProbeReply Run::who_am_i(std::string_view what, std::string_view token, const std::string& origin) {
  return prober_->send({.what = std::string(what),
                        .method = me_.method,
                        .target = me_.target,
                        .bearer = std::string(token),
                        .origin = origin});
}

void Run::whole_flow() {
  if (identifier_.empty()) {
    skip("whole_flow", why_no_login_);
  } else if (prober_->is_exhausted()) {
    skip("whole_flow", "The bound on requests was reached before.");
  } else if (!first_.access_token) {
    fail("whole_flow", "The login gave no token to go on with.", login_.name());
  } else if (!me_) {
    skip("whole_flow", "There is no protected endpoint to try the token on (--me PATH).");
  } else {
    const ProbeReply login = log_in("the whole flow: logging in", identifier_, password_);
    const SessionValues values =
        login.json ? find_values(*login.json, options_.value_paths) : SessionValues{};
    const ProbeReply me = who_am_i("the whole flow: the protected page", values.access_token.text);
    if (names_somebody(me)) {
      pass("whole_flow", "Login and protected page work: " + login_.name() + ", " + me_.name() + ".");
    } else {
      fail("whole_flow",
           me_.name() + " answers " + me.words() + " to the token that the login has just given.",
           me_.name());
    }
  }
}

ProbeResult Run::take() {
  if (look_at_transport()) {
    discover();
    log_in_first();
    look_at_login_answer();
    look_at_expiry();
    look_at_token();
    look_at_protection();
    look_at_refresh();
    look_at_cors();
    look_at_sign_up();
    look_at_types();
    look_at_refusals();
    look_at_odd_characters();
    whole_flow();
    look_at_logout();
    finish_transport();
    skip_rest(prober_->is_exhausted() ? "The bound on requests was reached before."
                                      : "It could not be looked at.");
  }
  report_.sort();
  ValuePaths paths;
  const auto keep = [&](std::string_view name, const FoundValue& value) {
    if (value) paths.emplace_back(name, value.path);
  };
  keep("access_token", first_.access_token);
  keep("refresh_token", first_.refresh_token);
  keep("expires_at", first_.expiry);
  keep("uid", first_.uid);
  return {.report = std::move(report_),
          .server_kind = std::move(server_kind_),
          .answers = std::move(answers_),
          .value_paths = std::move(paths),
          .cors_allowed_headers = std::move(cors_allowed_headers_)};
}

base::Result<std::vector<std::string>> plan_probe(const ProbeOptions& options) {
  const auto target = read_target(options.url);
  if (!target) return base::fail(target.error());
  const auto told = read_endpoints(options, *target);
  if (!told) return base::fail(told.error());
  std::vector<std::string> lines;
  lines.push_back("Look up " + target->host + " and connect to port " + std::to_string(target->port) +
                  (target->is_tls ? ", and look at its certificate" : ""));
  const auto line = [&](const Endpoint& step, std::string_view what, std::string_view guesses) {
    lines.push_back(std::string(what) + ": " + (step ? step.name() : "try " + std::string(guesses)));
  };
  line(told->login, "Find the login",
       "/login, /auth/login, /api/login and the paths of known servers, with an empty body");
  line(told->signup, "Find the sign-up",
       "/signup, /register and their like beside the login, with an empty body");
  line(told->refresh, "Find the refresh", "/refresh and its like beside the login, with an empty body");
  line(told->me, "Find a protected page", "/me, /user and their like, without a token");
  line(told->logout, "Find the logout", "/logout and its like, without a token");
  if (options.create_account) lines.emplace_back("Create up to three accounts with addresses at example.com");
  if (!options.email.empty() && !options.password.empty()) {
    lines.push_back("Log in as " + first_characters(options.email) + " a few times; refresh and log out");
    lines.emplace_back("Send the token changed, unsigned and not at all");
  } else if (!options.create_account) {
    lines.emplace_back("No login: there are no credentials (--email and --password of a dummy account)");
  }
  lines.emplace_back("Send a wrong password once, an account that does not exist, empty and broken bodies");
  lines.emplace_back("Ask as a browser would (CORS) for " + (options.origins.empty()
                                                                 ? std::string("https://app.example.com")
                                                                 : options.origins.front()));
  lines.push_back("In all at most " + std::to_string(options.max_requests) + " requests, to " + target->host +
                  " alone");
  return lines;
}

base::Result<ProbeResult> probe_server(const ProbeOptions& options, const ProbeWorld& world,
                                       Progress& progress) {
  auto target = read_target(options.url);
  if (!target) return base::fail(target.error());
  auto told = read_endpoints(options, *target);
  if (!told) return base::fail(told.error());
  const auto plan = plan_probe(options);
  if (!plan) return base::fail(plan.error());
  progress.on_plan(*plan);
  return Run(options, world, progress, *std::move(target), *std::move(told)).take();
}

}  // namespace latchkey::doctor

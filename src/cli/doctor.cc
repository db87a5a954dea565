// latchkey doctor server, latchkey doctor project
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/App.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <thread>

#include "base/random.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/password_input.h"
#include "cli/report_output.h"
#include "config/loader.h"
#include "doctor/join.h"
#include "doctor/probe/probe.h"
#include "doctor/project/analyse.h"
#include "flutterflow/source_tree.h"

namespace latchkey::cli {
namespace {

constexpr std::size_t kLargestDocument = 16U << 20U;  // of --openapi

// What the person says of a server, as typed.
struct ServerOptions {
  std::string url;
  std::string login, signup, refresh, me, logout;  // "PATH" or "METHOD PATH"
  std::string login_body, signup_body, refresh_body, logout_body;
  std::vector<std::string> maps;     // "access_token=$.data.token"
  std::vector<std::string> headers;  // "Name: value"
  std::string openapi;
  std::string email, password;
  bool create_account = false;
  std::vector<std::string> origins;
  std::string trust;
  double timeout = 10;
  double slow_after = 3;
  bool dry_run = false;
};

struct ProjectOptions {
  std::string path;
  ServerOptions server;  // without a URL: nothing is contacted
  ReportOptions report;
};

void add_server_options(CLI::App& command, ServerOptions& options) {
  const auto add_path = [&](const char* name, std::string& value, const char* doc) {
    command.add_option(name, value, doc)->type_name("[METHOD ]PATH");
  };
  add_path("--login", options.login, "Where the login is (default: found out)");
  add_path("--signup", options.signup, "Where the sign-up is");
  add_path("--refresh", options.refresh, "Where the refresh is");
  add_path("--me", options.me, "A page that needs the token");
  add_path("--logout", options.logout, "Where the logout is");
  const auto add_body = [&](const char* name, std::string& value, const char* doc) {
    command.add_option(name, value, doc)->type_name("TEMPLATE");
  };
  add_body("--login-body", options.login_body,
           "How the login is asked: '{\"user\":\"<email>\",\"pass\":\"<password>\"}', or a form: "
           "'user=<email>&pass=<password>'");
  add_body("--signup-body", options.signup_body, "How the sign-up is asked");
  add_body("--refresh-body", options.refresh_body, "How the refresh is asked, with <refresh_token>");
  add_body("--logout-body", options.logout_body, "How the logout is asked");
  command
      .add_option(
          "--map", options.maps,
          "Where the login's answer has access_token, refresh_token, expires_at or uid; may be given again")
      ->type_name("NAME=JSONPATH")
      ->expected(1)
      ->take_all();
  command.add_option("--header", options.headers, "A header for every request; may be given again")
      ->type_name("\"NAME: VALUE\"")
      ->expected(1)
      ->take_all();
  command.add_option("--openapi", options.openapi, "An OpenAPI document that names the paths, JSON or YAML")
      ->type_name("FILE");
  command
      .add_option("--email", options.email, "A dummy account's address or name (or LATCHKEY_DOCTOR_EMAIL)")
      ->type_name("ADDRESS");
  command
      .add_option("--password", options.password,
                  "Its password; others on this machine can see it, LATCHKEY_DOCTOR_PASSWORD they cannot. "
                  "Asked for on a terminal")
      ->type_name("PASSWORD");
  command.add_flag("--create-account", options.create_account,
                   "Create up to three accounts at the server to try with");
  command
      .add_option("--origin", options.origins, "Where your web app will live, for CORS; may be given again")
      ->type_name("https://APP")
      ->expected(1)
      ->take_all();
  command.add_option("--trust", options.trust, "The certificate of an authority of your own, PEM")
      ->type_name("FILE");
  command.add_option("--timeout", options.timeout, "Seconds to wait for an answer")->capture_default_str();
  command.add_option("--slow-after", options.slow_after, "Seconds after which an answer is slow")
      ->capture_default_str();
}

doctor::StepOption read_step(const std::string& text, const std::string& body) {
  doctor::StepOption step{.body = body};
  const std::size_t blank = text.find(' ');
  if (blank == std::string::npos) {
    step.path = text;
  } else {
    step.method = text.substr(0, blank);
    step.path = text.substr(text.find_first_not_of(' ', blank));
  }
  return step;
}

std::expected<std::string, std::string> read_document(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text;
  char chunk[4096];
  while (in.read(chunk, sizeof chunk), in.gcount() > 0) {
    text.append(chunk, static_cast<std::size_t>(in.gcount()));
    if (text.size() > kLargestDocument) return std::unexpected(path + " is larger than 16 MB.");
  }
  if (!in.eof()) return std::unexpected(path + " cannot be read.");
  return text;
}

// The options as the probe takes them, or what is wrong with them.
std::expected<doctor::ProbeOptions, std::string> read_options(const ServerOptions& given) {
  doctor::ProbeOptions options;
  options.url = given.url;
  options.login = read_step(given.login, given.login_body);
  options.signup = read_step(given.signup, given.signup_body);
  options.refresh = read_step(given.refresh, given.refresh_body);
  options.me = read_step(given.me, {});
  options.logout = read_step(given.logout, given.logout_body);
  for (const std::string& map : given.maps) {
    const std::size_t equals = map.find('=');
    const std::string name = map.substr(0, equals);
    if (equals == std::string::npos ||
        (name != "access_token" && name != "refresh_token" && name != "expires_at" && name != "uid")) {
      return std::unexpected(
          "--map " + map.substr(0, 80) +
          ": give access_token, refresh_token, expires_at or uid, an equals sign and a path, such as "
          "access_token='$.data.token'");
    }
    options.value_paths.emplace_back(name, map.substr(equals + 1));
  }
  for (const std::string& header : given.headers) {
    const std::size_t colon = header.find(':');
    if (colon == std::string::npos || colon == 0 || header.find_first_of("\r\n") != std::string::npos) {
      return std::unexpected("--header: give a name, a colon and a value, such as 'X-Api-Key: abc'");
    }
    const std::size_t value = header.find_first_not_of(' ', colon + 1);
    options.headers.emplace_back(header.substr(0, colon),
                                 value == std::string::npos ? "" : header.substr(value));
  }
  if (!given.openapi.empty()) {
    auto document = read_document(given.openapi);
    if (!document) return std::unexpected("--openapi: " + document.error());
    options.openapi = *std::move(document);
  }
  options.email = given.email.empty() ? config::variable_of_process("LATCHKEY_DOCTOR_EMAIL") : given.email;
  std::string password =
      given.password.empty() ? config::variable_of_process("LATCHKEY_DOCTOR_PASSWORD") : given.password;
  if (!options.email.empty() && password.empty() && !given.dry_run) {
    if (isatty(STDIN_FILENO) != 1) {
      return std::unexpected("--email needs a password: set LATCHKEY_DOCTOR_PASSWORD, or give --password");
    }
    auto typed = read_password(PasswordSource::terminal_once);
    if (!typed) return std::unexpected(typed.error().message.value_or("No password was given."));
    options.password = *std::move(typed);
  } else {
    options.password = base::Secret(std::move(password));
  }
  if (options.email.empty() && !options.password.empty()) return std::unexpected("--password needs --email");
  options.create_account = given.create_account;
  for (std::string origin : given.origins) {
    while (origin.ends_with('/')) origin.pop_back();
    const bool is_url = origin.starts_with("https://") || origin.starts_with("http://");
    if (!is_url || origin.find('/', origin.find("://") + 3) != std::string::npos ||
        origin.find_first_of(" \r\n") != std::string::npos) {
      return std::unexpected("--origin " + origin.substr(0, 80) +
                             ": give scheme and host alone, such as https://app.example.com");
    }
    options.origins.push_back(std::move(origin));
  }
  if (!given.trust.empty()) {
    if (!std::ifstream(given.trust)) return std::unexpected("--trust: " + given.trust + " cannot be read.");
    options.trusted_certificate = given.trust;
  }
  if (given.timeout <= 0 || given.timeout > 300)
    return std::unexpected("--timeout must be more than 0 and at most 300 seconds");
  if (given.slow_after <= 0 || given.slow_after > 300)
    return std::unexpected("--slow-after must be more than 0 and at most 300 seconds");
  options.timeout = std::chrono::milliseconds(static_cast<std::int64_t>(given.timeout * 1000));
  options.slow_after = std::chrono::milliseconds(static_cast<std::int64_t>(given.slow_after * 1000));
  return options;
}

// The plan and one line that is written over, for people who sit there; nothing otherwise.
class TerminalProgress final : public doctor::Progress {
 public:
  TerminalProgress() : is_shown_(isatty(STDERR_FILENO) == 1) {}
  TerminalProgress(const TerminalProgress&) = delete;
  TerminalProgress& operator=(const TerminalProgress&) = delete;
  ~TerminalProgress() override {
    if (is_shown_) fmt::print(stderr, "\r\x1b[K");
  }

  void on_plan(const std::vector<std::string>& lines) override {
    if (!is_shown_) return;
    fmt::print(stderr, "What will be done:\n");
    for (const std::string& line : lines) fmt::print(stderr, "  {}\n", line);
  }
  void on_request(std::string_view what, unsigned sent, unsigned at_most) override {
    if (is_shown_) fmt::print(stderr, "\r\x1b[K{}/{} {}", sent, at_most, what);
  }
  void on_finding(const doctor::Finding&) override {}

 private:
  bool is_shown_;
};

std::expected<doctor::ProbeResult, std::string> probe(const doctor::ProbeOptions& options) {
  const base::SystemClock clock;
  base::SystemRandom random;
  const auto pause = [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); };
  const doctor::ProbeWorld world{.clock = clock, .random = random, .pause = pause};
  TerminalProgress progress;
  auto result = probe_server(options, world, progress);
  if (!result) return std::unexpected(result.error().detail);
  return *std::move(result);
}

ExitCode look_at_server(Context& context, const ServerOptions& given, const ReportOptions& report) {
  if (const auto wrong = check_report_options(context, report)) return *wrong;
  const auto options = read_options(given);
  if (!options) return context.fail_usage(options.error());
  if (given.dry_run) {
    const auto plan = plan_probe(*options);
    if (!plan) return context.fail_usage(plan.error().detail);
    std::string text;
    for (const std::string& line : *plan) text.append(text.empty() ? "" : "\n").append(line);
    return context.print(text, "null");
  }
  auto result = probe(*options);
  if (!result) return context.fail_usage(result.error());
  if (!result->server_kind.empty()) {
    result->report.flow_text = "It looks like " + result->server_kind + ".\n";
  }
  for (const auto& [name, path] : result->value_paths) {
    result->report.flow_text += fmt::format("{} is at {} of the login's answer.\n", name, path);
  }
  return write_report(context, report, result->report);
}

ExitCode look_at_project(Context& context, const ProjectOptions& options) {
  if (const auto wrong = check_report_options(context, options.report)) return *wrong;
  const auto tree = flutterflow::read_source_tree(options.path);
  if (!tree) return context.fail(ExitCode::usage, "project_unreadable", tree.error().detail);
  doctor::Analysis analysis = doctor::analyse_project(*tree);
  analysis.report.target = options.path;
  analysis.report.started_at = time_now();
  if (!options.server.url.empty()) {
    auto probe_options = read_options(options.server);
    if (!probe_options) return context.fail_usage(probe_options.error());
    add_paths_of_project(analysis, *probe_options);
    const auto probed = probe(*probe_options);
    if (!probed) return context.fail_usage(probed.error());
    join(analysis, *probe_options, *probed);
  }
  return write_report(context, options.report, analysis.report);
}

void add_project(CLI::App& group, Context& context) {
  CLI::App* command = group.add_subcommand(
      "project", "Read an exported FlutterFlow project and say what is wrong with its authentication");
  const auto options = std::make_shared<ProjectOptions>();
  command->add_option("PATH", options->path, "The exported project: its folder or its zip")->required();
  command
      ->add_option("--server", options->server.url,
                   "Probe this server as well, and compare what it answers with what the app reads")
      ->type_name("URL");
  add_server_options(*command, options->server);
  add_report_options(*command, options->report);
  command->callback([&context, options] {
    context.command = [&context, options] { return look_at_project(context, *options); };
  });
}

void add_server(CLI::App& group, Context& context) {
  CLI::App* command = group.add_subcommand(
      "server", "Ask an authentication server what an app would ask it, and say what is wrong with it");
  const auto options = std::make_shared<ServerOptions>();
  const auto report = std::make_shared<ReportOptions>();
  command->add_option("URL", options->url, "The server's address, with the path below which it answers")
      ->required();
  add_server_options(*command, *options);
  command->add_flag("--dry-run", options->dry_run, "Say what would be done, and do nothing");
  add_report_options(*command, *report);
  command->callback([&context, options, report] {
    context.command = [&context, options, report] { return look_at_server(context, *options, *report); };
  });
}

}  // namespace

void add_doctor(CLI::App& root, Context& context) {
  CLI::App* group = root.add_subcommand(
      "doctor", "Say what is wrong with an authentication server or with an app, and what to click");
  group->require_subcommand(1);
  group->footer(
      "Exit codes:\n"
      "  0  nothing failed\n"
      "  1  something failed; with --strict: or warns\n"
      "  2  it could not run");
  add_server(*group, context);
  add_project(*group, context);
}

}  // namespace latchkey::cli

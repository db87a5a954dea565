#include "cli/move.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "app/move_database.h"
#include "app/open_store.h"
#include "cli/table.h"

namespace latchkey::cli {
namespace {

using storage::transfer::MoveError;
using storage::transfer::MoveReport;
using storage::transfer::Plan;
using storage::transfer::PlannedTable;
using storage::transfer::Progress;
using storage::transfer::Refusal;
using storage::transfer::Stage;

std::string_view name_of(Stage stage) {
  switch (stage) {
    case Stage::reading:
      return "reading";
    case Stage::copying:
      return "copying";
    case Stage::checking:
      return "checking";
  }
  return "";
}

std::string_view code_of(Refusal why) {
  switch (why) {
    case Refusal::source_not_ready:
      return "source_not_ready";
    case Refusal::target_not_ready:
      return "target_not_ready";
    case Refusal::target_not_empty:
      return "target_not_empty";
    case Refusal::copy_differs:
      return "copy_differs";
  }
  return "";
}

std::int64_t count(std::uint64_t number) { return static_cast<std::int64_t>(number); }

// Shows where the move is: events on standard output for programs, else on standard error one line that
// changes, or, where that is no terminal, a line now and then.
class ProgressDisplay {
 public:
  explicit ProgressDisplay(const Context& context)
      : context_(context),
        is_terminal_(!context.wants_json() && isatty(STDERR_FILENO) == 1),
        pause_(context.wants_json() ? 1000
               : is_terminal_       ? 100
                                    : 5000) {}

  void show(const Progress& now) {
    const bool begins = now.rows == 0 && !now.is_done;
    const auto time = clock_.steady_now();
    const bool is_due = begins ? context_.wants_json() || is_terminal_ : time - last_ >= pause_;
    if (!is_due && !now.is_done) return;
    last_ = time;
    if (context_.wants_json()) {
      std::string text;
      base::JsonWriter json(text);
      json.begin_object()
          .member("event", "progress")
          .member("stage", name_of(now.stage))
          .member("table", now.table);
      json.member("rows", count(now.rows));
      if (now.stage != Stage::reading) json.member("of", count(now.of));
      json.member("done", now.is_done).end_object();
      context_.print(text, text);
      return;
    }
    const std::string of = now.stage == Stage::reading ? "" : fmt::format(" of {}", now.of);
    const std::string line = fmt::format("{} {}: {}{} rows", name_of(now.stage), now.table, now.rows, of);
    constexpr int kWidth = 60;  // covers what stood there before
    if (is_terminal_) {
      fmt::print(stderr, "\r{:<{}}{}", line, kWidth, now.is_done ? "\n" : "");
    } else {
      fmt::print(stderr, "{}\n", line);
    }
    std::fflush(stderr);
  }

 private:
  const Context& context_;
  const bool is_terminal_;
  const std::chrono::milliseconds pause_;
  base::SystemClock clock_;
  std::chrono::steady_clock::time_point last_;
};

// The settings of one end: those that are configured, but with another database.
OrExit<config::Settings> settings_of(const Context& context, const config::Settings& configured,
                                     std::string_view option, const std::optional<std::string>& given,
                                     const std::string& password_file) {
  config::Settings settings = configured;
  if (!given) return settings;
  // postgres:postgres://… names the dialect as sqlite: does.
  constexpr std::string_view kDialect = "postgres:";
  std::string_view address = *given;
  if (address.starts_with("postgres:postgres")) address.remove_prefix(kDialect.size());
  auto url = config::Codec<config::DatabaseUrl>::parse(address);
  if (address.empty() || !url) {
    return std::unexpected(context.fail_usage(fmt::format(
        "{} must be sqlite: and the path of a file, or postgres://USER@HOST:PORT/DATABASE", option)));
  }
  // The configured password is for the configured server and goes to no other.
  if (!password_file.empty() || *url != configured.database.url)
    settings.database.password_file = password_file;
  settings.database.url = *std::move(url);
  return settings;
}

ExitCode fail(const Context& context, const app::MoveFailure& failure) {
  if (const auto* error = std::get_if<base::Error>(&failure)) return context.fail(*error);
  const auto& refused = std::get<MoveError>(failure);
  return context.fail(refused.why == Refusal::copy_differs ? ExitCode::differs : ExitCode::failed,
                      code_of(refused.why), refused.message);
}

ExitCode print_plan(const Context& context, const Plan& plan, const std::string& target) {
  std::vector<std::vector<std::string>> rows;
  std::string json_text;
  base::JsonWriter json(json_text);
  json.begin_object().member("event", "plan").member("makes_tables", plan.makes_tables);
  json.member("continues", plan.continues).key("tables").begin_array();
  for (const PlannedTable& table : plan.tables) {
    json.begin_object().member("name", table.name).member("rows", count(table.rows));
    json.member("arrived", count(table.arrived)).end_object();
    rows.push_back({table.name, std::to_string(table.rows), std::to_string(table.arrived)});
  }
  json.end_array().end_object();
  std::string text = render_table({"TABLE", "ROWS", "ARRIVED"}, rows);
  text += plan.continues      ? "\nA move has begun already; it would go on."
          : plan.makes_tables ? "\nThe tables would be made."
                              : "\nThe tables are there and empty.";
  text += fmt::format(" Nothing was changed in {}.", target);
  return context.print(text, json_text);
}

ExitCode print_report(const Context& context, const MoveReport& report, const std::string& target,
                      const config::Settings& settings) {
  std::vector<std::vector<std::string>> rows;
  std::string json_text;
  base::JsonWriter json(json_text);
  json.begin_object().member("event", "moved").key("tables").begin_array();
  for (const auto& table : report.tables) {
    json.begin_object().member("name", table.name).member("rows", count(table.rows));
    json.member("kept", count(table.kept)).member("checksum", table.checksum).end_object();
    rows.push_back({table.name, std::to_string(table.rows), table.checksum.substr(0, 16)});
  }
  json.end_array().member("changed_texts", count(report.changed_texts)).end_object();
  std::string text = render_table({"TABLE", "ROWS", "CHECKSUM"}, rows);
  text += fmt::format("\nEverything is in {}: counts and checksums of both sides are the same.", target);
  if (report.changed_texts > 0) {
    text += fmt::format(
        "\n{} texts that clients sent were not UTF-8; what could not be stored is a question mark now.",
        report.changed_texts);
  }
  text += fmt::format(
      "\nStart the server on it with the same data folder, which has the master key: latchkey serve --data "
      "{} --database "
      "'{}'",
      settings.data.path.string(), settings.database.url.shown());
  return context.print(text, json_text);
}

}  // namespace

ExitCode move_database(Context& context, const MoveOptions& options) {
  const auto configuration = context.load_configuration();
  if (!configuration) return configuration.error();
  const auto from =
      settings_of(context, configuration->settings, "--from", options.from, options.from_password_file);
  if (!from) return from.error();
  const auto to = settings_of(context, configuration->settings, "--to", options.to, options.to_password_file);
  if (!to) return to.error();
  const base::SystemClock clock;
  const auto log = base::make_stderr_logger(
      context.wants_json() ? base::LogFormat::json : base::LogFormat::pretty, base::LogLevel::warn);
  const std::string target = app::describe_database(*to);
  if (options.dry_run) {
    const auto plan = app::plan_move(*from, *to, clock, *log);
    return plan ? print_plan(context, *plan, target) : fail(context, plan.error());
  }
  ProgressDisplay display(context);
  const auto moved =
      app::move_database(*from, *to, clock, *log, [&](const Progress& now) { display.show(now); });
  return moved ? print_report(context, *moved, target, *to) : fail(context, moved.error());
}

}  // namespace latchkey::cli

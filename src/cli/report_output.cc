#include "cli/report_output.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <CLI/App.hpp>
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>

#include "base/clock.h"
#include "config/loader.h"
#include "doctor/report/render.h"

namespace latchkey::cli {
namespace {

using doctor::Finding;
using doctor::Report;
using doctor::Verdict;

doctor::TextStyle style_for(bool is_file) {
  doctor::TextStyle style;
  const bool is_terminal = !is_file && isatty(STDOUT_FILENO) == 1;
  const std::string term = config::variable_of_process("TERM");
  style.has_colour =
      is_terminal && config::variable_of_process("NO_COLOR").empty() && !term.empty() && term != "dumb";
  winsize size{};
  if (is_terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40) {
    style.width = std::min<std::size_t>(size.ws_col, 120);
  }
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string locale = config::variable_of_process(name);
    if (locale.empty()) continue;
    style.has_unicode = locale.find("UTF-8") != std::string::npos || locale.find("utf8") != std::string::npos;
    break;
  }
  return style;
}

// Whether somebody sits there who can be asked.
bool is_interactive() { return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1; }

// What only the person knows. Yes passes, no holds, anything else leaves the question in the report.
void ask(Report& report) {
  for (Finding& finding : report.findings) {
    if (finding.verdict != Verdict::ask) continue;
    fmt::print(stderr, "{} [y/n, Enter to leave it] ", finding.evidence);
    std::string answer;
    if (!std::getline(std::cin, answer)) return;
    if (answer == "y" || answer == "Y" || answer == "yes") {
      finding.verdict = Verdict::pass;
    } else if (answer == "n" || answer == "N" || answer == "no") {
      const doctor::CheckInfo* check = doctor::find_check(finding.id);
      finding.verdict = check == nullptr ? Verdict::warn : check->severity;
    }
  }
}

std::optional<doctor::Format> chosen_format(const Context& context, const ReportOptions& options) {
  return doctor::parse_format(context.wants_json() ? "json" : options.format);
}

std::string rendered(const Report& report, doctor::Format format, const ReportOptions& options) {
  switch (format) {
    case doctor::Format::text:
      return render_text(report, style_for(!options.output.empty()));
    case doctor::Format::json:
      return render_json(report) + "\n";
    case doctor::Format::html:
      return render_html(report);
    case doctor::Format::junit:
      return render_junit(report, options.strict);
    case doctor::Format::sarif:
      return render_sarif(report, options.sarif_base) + "\n";
  }
  return {};
}

}  // namespace

void add_report_options(CLI::App& command, ReportOptions& options) {
  command.add_option("--format", options.format, "text, json, html, junit or sarif")->type_name("FORM");
  command.add_option("--output", options.output, "Write the report into this file")->type_name("FILE");
  command.add_flag("--strict", options.strict, "Warnings count as failures");
  command.add_flag("--no-questions", options.no_questions, "List the questions instead of asking them");
  command
      .add_option("--sarif-base", options.sarif_base,
                  "With --format sarif: the project's folder in its repository, such as app")
      ->type_name("FOLDER");
}

std::optional<ExitCode> check_report_options(const Context& context, const ReportOptions& options) {
  if (chosen_format(context, options)) return std::nullopt;
  return context.fail_usage("--format is text, json, html, junit or sarif, not " + options.format);
}

ExitCode write_report(Context& context, const ReportOptions& options, Report& report) {
  if (const auto wrong = check_report_options(context, options)) return *wrong;
  const auto format = chosen_format(context, options);
  report.sort();
  const bool has_questions = report.count(Verdict::ask) > 0;
  if (has_questions && *format == doctor::Format::text && !options.no_questions && is_interactive())
    ask(report);
  const std::string text = rendered(report, *format, options);
  if (options.output.empty()) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    if (std::fflush(stdout) != 0) return ExitCode::usage;
  } else {
    std::ofstream out(options.output, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    if (!out) {
      return context.fail(ExitCode::usage, "output_failed",
                          "The report could not be written to " + options.output +
                              ". Check that the folder exists and that you may write there.");
    }
    fmt::print(stderr, "The report is in {}.\n", options.output);
  }
  const bool has_failed =
      report.count(Verdict::fail) > 0 || (options.strict && report.count(Verdict::warn) > 0);
  return has_failed ? ExitCode::failed : ExitCode::ok;
}

std::string time_now() { return base::to_iso8601(base::SystemClock().now()); }

}  // namespace latchkey::cli

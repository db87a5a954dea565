// How the doctor's reports leave the program: the form, the file, the questions, the exit code.
#pragma once

#include <optional>
#include <string>

#include "cli/context.h"
#include "doctor/report.h"

namespace CLI {
class App;
}

namespace latchkey::cli {

// Options that both doctors take.
struct ReportOptions {
  std::string format = "text";
  std::string output;      // a file; empty for standard output
  std::string sarif_base;  // the project's folder in its repository
  bool strict = false;
  bool no_questions = false;
};

void add_report_options(CLI::App& command, ReportOptions& options);

// What is wrong with them, printed; nothing when they are right. To be asked before any work is done.
std::optional<ExitCode> check_report_options(const Context& context, const ReportOptions& options);

// Sorts the report, asks its questions when somebody sits there, writes it, and returns 0 when nothing
// failed, 1 when something did (with `strict`: or warns), 2 when it could not be written.
ExitCode write_report(Context& context, const ReportOptions& options, doctor::Report& report);

// The time as the report shows it.
std::string time_now();

}  // namespace latchkey::cli

// latchkey doctor server, latchkey doctor project
#include <CLI/App.hpp>
#include <memory>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/report_output.h"
#include "doctor/project/analyse.h"
#include "flutterflow/source_tree.h"

namespace latchkey::cli {
namespace {

struct ProjectOptions {
  std::string path;
  ReportOptions report;
};

ExitCode look_at_project(Context& context, const ProjectOptions& options) {
  const auto tree = flutterflow::read_source_tree(options.path);
  if (!tree) return context.fail(ExitCode::usage, "project_unreadable", tree.error().detail);
  doctor::Analysis analysis = doctor::analyse_project(*tree);
  analysis.report.target = options.path;
  analysis.report.started_at = time_now();
  return write_report(context, options.report, analysis.report);
}

void add_project(CLI::App& group, Context& context) {
  CLI::App* command = group.add_subcommand(
      "project", "Read an exported FlutterFlow project and say what is wrong with its authentication");
  const auto options = std::make_shared<ProjectOptions>();
  command
      ->add_option("PATH", options->path,
                   "The exported project: its folder or zip, or the YAML zip of the Project API")
      ->required();
  add_report_options(*command, options->report);
  command->callback([&context, options] {
    context.command = [&context, options] { return look_at_project(context, *options); };
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
  add_project(*group, context);
}

}  // namespace latchkey::cli

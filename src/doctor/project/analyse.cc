#include "doctor/project/analyse.h"

#include "doctor/project/context.h"
#include "doctor/project/flow.h"
#include "doctor/project/outcome.h"
#include "doctor/project/rules.h"
#include "doctor/project/yaml.h"

namespace latchkey::doctor {
namespace {

using flutterflow::Project;

// Of a tree that has no custom authentication to look at: the one finding.
Finding only_finding(const Project& project, const flutterflow::SourceTree& tree) {
  if (project.kind == Project::Kind::not_flutterflow) {
    Outcome outcome("not_flutterflow");
    outcome.add(flutterflow::Site{});
    outcome.say(tree.files.empty()
                    ? "No Dart source is there."
                    : "There is Dart source, but none that FlutterFlow writes (lib/flutter_flow).");
    return outcome.take();
  }
  Outcome outcome("not_custom_auth");
  outcome.add(flutterflow::Site{});
  if (!project.auth.other_type.empty()) outcome.say("It uses " + project.auth.other_type + ".");
  return outcome.take();
}

Finding finding_of(const Rule& rule, const Context& context) {
  Outcome outcome(rule.id);
  if (rule.needs == Needs::sign_in && !context.signs_in()) {
    outcome.skip("Nothing calls the Log in action (see sign_in_never_called).");
  } else if (rule.needs == Needs::definitions && context.lacks_definitions()) {
    outcome.skip(
        "The API calls' definitions (lib/backend/api_requests/api_calls.dart) are not in the export.");
  } else {
    rule.look(context, outcome);
  }
  return outcome.take();
}

}  // namespace

Analysis analyse_project(const flutterflow::SourceTree& tree) {
  if (tree.is_project_yaml) return {.project = {}, .handlers = {}, .report = analyse_project_yaml(tree)};
  Analysis analysis{.project = flutterflow::read_project(tree), .handlers = {}, .report = {}};
  Report& report = analysis.report;
  report.kind = Report::Kind::project;
  report.problems = analysis.project.problems;
  if (analysis.project.kind != Project::Kind::custom_auth) {
    report.findings.push_back(only_finding(analysis.project, tree));
    return analysis;
  }
  analysis.handlers = flutterflow::read_handlers(analysis.project);
  const Context context(analysis.project, analysis.handlers);
  for (const std::string_view id :
       {std::string_view("not_flutterflow"), std::string_view("not_custom_auth")}) {
    report.findings.push_back(Outcome(id).take());
  }
  for (const Rule& rule : all_rules()) report.findings.push_back(finding_of(rule, context));
  report.sort();
  report.flow_json = flow_json(context);
  report.flow_text = flow_text(context);
  return analysis;
}

}  // namespace latchkey::doctor

// Looks at an exported FlutterFlow project and says what is wrong with its authentication.
#pragma once

#include <string>

#include "doctor/report.h"
#include "flutterflow/handler.h"
#include "flutterflow/project.h"
#include "flutterflow/source_tree.h"

namespace latchkey::doctor {

// What was read and what was found. `handlers` and `project` are there for joining the findings with a
// server's answers; the report does not point into them.
struct Analysis {
  flutterflow::Project project;
  flutterflow::Handlers handlers;
  Report report;  // kind, findings in the catalogue's order, problems, flow; target and started_at are the
                  // caller's
};

// Every project check of the catalogue is in the report with a verdict and, unless it passed, a reason; but a
// tree that holds no FlutterFlow export, or none with custom authentication, gives that one finding alone.
// The YAML of the Project API is looked at as far as it goes (yaml.h); `project` stays empty then. Never
// fails: what could not be read is among the report's problems.
Analysis analyse_project(const flutterflow::SourceTree& tree);

}  // namespace latchkey::doctor

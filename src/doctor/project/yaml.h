// Looks at the YAML of FlutterFlow's Project API: settings and API calls. What only the generated code shows
// is skipped, and says so.
#pragma once

#include "doctor/report.h"
#include "flutterflow/source_tree.h"

namespace latchkey::doctor {

// Every project check of the catalogue is in the report; but a project without authentication gives
// not_custom_auth alone. Of a tree with `is_project_yaml`; target and started_at are the caller's.
Report analyse_project_yaml(const flutterflow::SourceTree& tree);

}  // namespace latchkey::doctor

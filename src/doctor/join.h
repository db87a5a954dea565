// Both halves together: what the app reads and sends against what the server answers and takes.
#pragma once

#include "doctor/probe/probe.h"
#include "doctor/project/analyse.h"

namespace latchkey::doctor {

// The paths of the project's own calls, for those that `options` does not tell: of the host in the options,
// never of the host that the project names.
void add_paths_of_project(const Analysis& analysis, ProbeOptions& options);

// Adds the server's findings to the report of the project, and a finding for each check of the catalogue that
// needs both.
void join(Analysis& analysis, const ProbeOptions& options, const ProbeResult& probed);

}  // namespace latchkey::doctor

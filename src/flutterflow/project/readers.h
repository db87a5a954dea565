// The parts of read_project, each for one kind of fact, in the order in which they run: what is below uses
// what is above.
#pragma once

#include "flutterflow/project.h"

namespace latchkey::flutterflow {

void read_environment(Project& project, const SourceTree& tree);  // environment
void read_structs(Project& project);                              // structs
void read_app_state(Project& project);                            // app_state
void read_api_calls(Project& project);                            // groups, calls
void read_routes(Project& project);    // routes, route_list, entry and logged-in page, nav bar
void read_pages(Project& project);     // pages, without their reach
void read_reach(Project& project);     // reached_functions, pages' reach, call_sites, auth_uses
void read_settings(Project& project);  // kind, name, generation, rest of auth

// Of routes.cc: the widget classes of the project that an expression makes, in their order; NavBarPage among
// them.
std::vector<std::string> made_widgets(const Project& project, const Scope& scope,
                                      dart::ExpressionPtr expression);
// Whether the class is a widget of the app or of a library in the export, and no part of what FlutterFlow
// generates around them.
bool is_widget_class(const ClassEntry& entry);

}  // namespace latchkey::flutterflow

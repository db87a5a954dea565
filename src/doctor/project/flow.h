// The flow that a project's authentication takes, as it was read: for the report, and for people to compare
// with what they meant.
#pragma once

#include <string>

#include "doctor/project/context.h"

namespace latchkey::doctor {

// `flow` of the report: an object.
std::string flow_json(const Context& context);
// The same drawn for a terminal, lines of text.
std::string flow_text(const Context& context);

}  // namespace latchkey::doctor

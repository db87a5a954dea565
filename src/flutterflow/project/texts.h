// What text an expression stands for, as far as the source says it.
#pragma once

#include <string>

#include "flutterflow/project.h"

namespace latchkey::flutterflow {

// Puts in constants, locals, defaults, environment values and the answers of small functions; where a value
// is not known before the app runs stands `[name]`. `Uri` constructors are understood. The project's index
// and environment must be there; app state is used when it is. Bounded. `host` becomes where the text with
// the `scheme://` stands, if it stands somewhere.
std::string text_of(const Project& project, const Scope& scope, dart::ExpressionPtr expression,
                    Site* host = nullptr);

}  // namespace latchkey::flutterflow

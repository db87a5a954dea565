// Reads the body of a handler as steps.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "flutterflow/handler.h"
#include "flutterflow/handler/names.h"

namespace latchkey::flutterflow {

// What pages give to the parameters of components: `LoginSheetWidget(onDone: () async {…})`.
struct GivenCallback {
  const dart::Function* function = nullptr;
  const dart::Class* owner = nullptr;
  const SourceUnit* unit = nullptr;
};
using GivenCallbacks =
    std::unordered_map<std::string, std::vector<GivenCallback>>;  // by `LoginSheetWidget.onDone`

// Fills handler.steps and the frames after the first, which must be there. Adds the functions it followed
// into.
void read_steps(const Project& project, const GivenCallbacks& callbacks, Handler& handler,
                std::unordered_set<const dart::Function*>& followed);

// The steps that a bare expression makes, in frame 0: what building a widget calls.
void read_expression_steps(const Project& project, const GivenCallbacks& callbacks, Handler& handler,
                           dart::ExpressionPtr expression);

// Whether a lambda given as the named argument is what a person's gesture (or a component) runs, and no
// builder.
bool is_handler_argument(const dart::Argument& argument);

}  // namespace latchkey::flutterflow

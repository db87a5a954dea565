// How the readers of handlers name things: variables, state and the functions that a call means.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "base/function_ref.h"
#include "flutterflow/handler.h"

namespace latchkey::flutterflow {

// `FFAppState().x`, `_model.x`, `x`: what `!`, `await`, casts and `?.` stand around does not count, nor how
// app state was got hold of. Inside a page's model its fields are `_model.x` as well. Empty for what is no
// chain of names. `cascaded` is what an identifier of empty text stands for.
std::string place_name(const Frame& frame, dart::ExpressionPtr expression, std::string_view cascaded = {});

// The widget whose state or model a class is: `LoginWidget` of `class _X extends State<LoginWidget>`; empty
// when none.
std::string_view widget_of_state(const dart::Class& owner);
bool is_model_class(const dart::Class& owner);

// Whether a file is the project's own: no code that the generator writes for every project, and so no place
// for handlers.
bool is_own_code(const SourceUnit& unit);

bool contains_word(std::string_view text, std::string_view lower_case_word);  // of ASCII letters in any case
bool is_any_of(std::string_view text, std::initializer_list<std::string_view> list);

// A function of the project's own code.
struct FunctionRef {
  const dart::Function* function = nullptr;
  const dart::Class* owner = nullptr;
  const SourceUnit* unit = nullptr;

  explicit operator bool() const { return function != nullptr; }
};

// The function or method of the project's own code that `target` (what stands before the parentheses of a
// call, or a tear-off) means, looked up from `frame`. `type_of_local` gives the class of a local variable,
// empty when unknown.
FunctionRef find_target(const Project& project, const Frame& frame, dart::ExpressionPtr target,
                        base::FunctionRef<std::string_view(std::string_view)> type_of_local);

// The local function `name` that the body declares, as a function or as a variable that is a lambda; null
// when none.
const dart::Function* find_local_function(const dart::Function& function, std::string_view name);

// `token` of `currentAuthenticationToken`, `userData.x` of `currentUserData?.x`; empty when the expression
// does not read the auth manager's own values. The outermost member is looked at.
bool is_auth_value(std::string_view name);

}  // namespace latchkey::flutterflow

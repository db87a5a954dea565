// Small questions that all readers of a project ask the Dart tree.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "flutterflow/project.h"

namespace latchkey::flutterflow {

// `f` of `f(…)`, `a.b.f(…)`, `X` of `const X(…)`; empty when something else is called.
std::string_view called_name(const dart::Expression& call);

// The class that `X(…)`, `X.named(…)` or `prefix.X(…)` makes: the last name of the chain that begins with a
// capital letter.
std::string_view constructed_class(const dart::Expression& call);

// What the function answers last at its own level: `=> e`, or the last `return e` of its body. Null when
// there is none.
dart::ExpressionPtr returned(const dart::Function& function);

// The initial value of the local variable, or the value a `name = …`, `name ??= …` at any level gives it,
// whichever stands last. Null when there is none.
dart::ExpressionPtr find_local(const dart::Function& function, std::string_view name);

const dart::Parameter* find_parameter(const dart::Function& function, std::string_view name);

// The positional argument of that number, or null.
dart::ExpressionPtr positional(const dart::Expression& call, std::size_t number);

// `String?` → `String`.
std::string without_question_mark(std::string_view type);

// The JSON path that a getter's or handler's expression reads: of `getJsonField(x, r'''$.a.b''')` the path,
// of `x['a']['b']`
// `$.a.b`. Empty when it reads none. Looks at the first such place.
std::string json_path_in(dart::ExpressionPtr expression);

// Lower case of ASCII letters.
std::string lower(std::string_view text);

}  // namespace latchkey::flutterflow

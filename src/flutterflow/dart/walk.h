// Visits every expression below a node of the Dart tree that can run.
#pragma once

#include <string_view>

#include "base/function_ref.h"
#include "flutterflow/dart/syntax.h"

namespace latchkey::flutterflow::dart {

// Called for each expression in the order of the source, what is outside before what is inside; false means:
// not below.
using ExpressionVisitor = base::FunctionRef<bool(const Expression&)>;

// All of them pass over what can never run: the branch of `if (false)` in code and in collections, the
// operand that `false ? a : b` does not take, and what stands after a return, throw or break in the same
// block. They go into lambdas and local functions.
void walk(ExpressionPtr expression, ExpressionVisitor visit);
void walk(StatementPtr statement, ExpressionVisitor visit);
void walk(const Function& function, ExpressionVisitor visit);  // default values, initializers, body
void walk(const Variable& variable, ExpressionVisitor visit);
void walk(const Class& node, ExpressionVisitor visit);

// Whether the literal `true` or `false` stands there, through parentheses (which the tree does not keep).
bool is_literal_true(ExpressionPtr expression);
bool is_literal_false(ExpressionPtr expression);

// Whether an identifier or a member of that name stands in the expression.
bool mentions(ExpressionPtr expression, std::string_view name);

}  // namespace latchkey::flutterflow::dart

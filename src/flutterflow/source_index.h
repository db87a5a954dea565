// Finds classes, functions and variables of a project by name.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "flutterflow/dart/syntax.h"

namespace latchkey::flutterflow {

// A parsed file of the project.
struct SourceUnit {
  std::string path;  // relative to the project's root, with /
  dart::Unit unit;

  bool is_library() const { return path.starts_with("dependencies/"); }  // of a library project in the export
};

// A piece of source. `unit` is null only for a default-constructed one.
struct Site {
  const SourceUnit* unit = nullptr;
  dart::Span span;
};

struct ClassEntry {
  std::string_view name;
  const SourceUnit* unit = nullptr;
  const dart::Class* node = nullptr;
};

struct FunctionEntry {
  std::string_view name;
  const SourceUnit* unit = nullptr;
  const dart::Function* node = nullptr;
};

struct VariableEntry {
  std::string_view name;
  const SourceUnit* unit = nullptr;
  const dart::Variable* node = nullptr;
};

// The top level of all files. Of one name, what the app has comes before what a library in dependencies/ has.
// Points into the units it was made of.
class SourceIndex {
 public:
  void add(const SourceUnit& unit);
  void finish();  // after the last add

  const std::vector<ClassEntry>& classes() const { return classes_; }         // sorted by name
  const std::vector<FunctionEntry>& functions() const { return functions_; }  // sorted by name

  // Null when there is none. `from` is the file that names it: its own comes first. `prefix` is the `as` of
  // an import there (`actions` in `actions.login()`): what that import brings comes before what only has the
  // name.
  const ClassEntry* find_class(std::string_view name, const SourceUnit* from = nullptr) const;
  const FunctionEntry* find_function(std::string_view name, const SourceUnit* from = nullptr,
                                     std::string_view prefix = {}) const;
  const VariableEntry* find_variable(std::string_view name, const SourceUnit* from = nullptr) const;
  // The class that holds the state of a widget: `class _XState extends State<X>`.
  const ClassEntry* find_state_of(std::string_view widget, const SourceUnit* from = nullptr) const;

 private:
  std::vector<ClassEntry> classes_;
  std::vector<FunctionEntry> functions_;
  std::vector<VariableEntry> variables_;
  std::vector<ClassEntry> states_;  // by the widget's name
};

// Whether `name` is what a file calls one of its imports.
bool is_import_prefix(const SourceUnit& unit, std::string_view name);

}  // namespace latchkey::flutterflow

// The project as FlutterFlow's Project API gives it: a zip of YAML files, which say what was set in the
// builder. The fields read here are those of FlutterFlow's public documentation; the actions of a page, and
// what `authentication` holds for custom authentication, are documented nowhere and are not read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "flutterflow/project.h"
#include "flutterflow/source_tree.h"

namespace latchkey::flutterflow {

struct YamlPage {
  std::string key;   // `Scaffold_ab12cd34`
  std::string name;  // `LoginPage`
  std::string file;
};

// A file of api-endpoint/.
struct YamlCall {
  std::string file;
  std::string name;
  std::string method;
  std::string url;                                           // `[name]` where a variable is put in
  std::vector<std::pair<std::string, std::string>> headers;  // name and value, likewise with `[name]`
  BodyKind body_kind = BodyKind::none;
  std::string body;                                             // `<name>` where a variable is put in
  std::vector<std::string> variables;                           // names
  std::vector<std::string> text_variables;                      // names of those of type String
  std::vector<std::pair<std::string, std::string>> json_paths;  // name and path
  bool escapes = false;                                         // Escape Variables In Request Body
  bool is_cached = false;
  bool is_private = false;  // Make Private
  bool is_used = false;     // some other file names it
};

struct YamlStateField {
  std::string name;
  bool is_persisted = false;
};

struct YamlProject {
  std::string name;
  bool has_authentication = false;  // the file `authentication` is there
  bool is_active = false;           // and authentication is on
  std::string entry_key;            // of pages; empty when not set
  std::string logged_in_key;
  std::vector<YamlPage> pages;
  std::vector<YamlCall> calls;
  std::vector<YamlStateField> app_state;
  std::vector<std::string> problems;  // files that could not be read, in words for the report

  const YamlPage* find_page(std::string_view key) const;
};

// Of a tree with `is_project_yaml`.
YamlProject read_project_yaml(const SourceTree& tree);

}  // namespace latchkey::flutterflow

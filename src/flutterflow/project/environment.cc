// assets/environment_values/environment.json: names and their texts.
#include <boost/json/value.hpp>

#include "base/json_reader.h"
#include "base/json_text.h"
#include "flutterflow/project/readers.h"

namespace latchkey::flutterflow {

void read_environment(Project& project, const SourceTree& tree) {
  for (const SourceFile& file : tree.files) {
    if (!file.path.starts_with("assets/environment_values/") || !file.path.ends_with(".json")) continue;
    const auto json = base::parse_json(file.text);
    if (!json || !json->is_object()) {
      project.problems.push_back(file.path + " is not a JSON object");
      continue;
    }
    for (const auto& [name, value] : json->as_object()) {
      if (value.is_string()) {
        project.environment.emplace(std::string(name), std::string(value.as_string()));
      } else if (!value.is_null() && !value.is_object() && !value.is_array()) {
        std::string text;
        base::append_json(text, value);
        project.environment.emplace(std::string(name), std::move(text));
      }
    }
  }
}

}  // namespace latchkey::flutterflow

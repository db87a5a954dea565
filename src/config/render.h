// The configuration as people and programs read it: what is set, what can be set, what is wrong.
#pragma once

#include <string>
#include <vector>

#include "base/json_text.h"
#include "config/loader.h"

namespace latchkey::config {

// A TOML file that says what `configuration` says, each line with its origin. Secrets are commented out.
std::string render_toml(const Configuration& configuration);
// {"settings": [{"name", "value", "secret", "set", "origin"}]}; a secret's value is null.
std::string render_json(const Configuration& configuration);

// docs/configuration.md: every setting.
std::string render_reference();
// {"settings": [{"name", "environment", "doc", "form", "default", "bounds", …}]}
std::string render_reference_json();

// One line each.
std::string render_problems(const std::vector<Problem>& problems);
// [{"severity", "origin", "setting", "message"}], as one value of a larger document.
void write_problems_json(base::JsonWriter& json, const std::vector<Problem>& problems);
// {"ok": …, "problems": [as above]}; ok without errors.
std::string render_problems_json(const std::vector<Problem>& problems);

}  // namespace latchkey::config

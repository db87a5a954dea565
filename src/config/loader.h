// Reads the configuration from its sources: default < file < environment < flag.
#pragma once

#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/problem.h"
#include "config/settings.h"
#include "config/table.h"

namespace latchkey::config {

// A value given on the command line.
struct Flag {
  std::string option;   // as typed: "--set", "--listen"
  std::string setting;  // "server.listen"
  std::string value;
};

// The text of a configuration file and the name to report it by.
struct FileText {
  std::string name;
  std::string text;
};

using Environment = std::vector<std::pair<std::string, std::string>>;

// The variables of this process whose names begin with LATCHKEY_.
Environment environment_of_process();

// Any other variable of this process: what the terminal is like. Empty when it is not set.
std::string variable_of_process(std::string_view name);

// Everything a configuration is made from, already read.
struct Inputs {
  std::optional<FileText> file;
  Environment environment;
  std::vector<Flag> flags;
};

// Where the value of a setting came from.
enum class Layer : std::uint8_t { default_value, file, environment, flag };
struct Origin {
  Layer layer = Layer::default_value;
  std::string text = "default";  // "latchkey.toml:12", "LATCHKEY_LOG__LEVEL", "--set"
};

// A configuration without errors.
struct Configuration {
  Settings settings;
  std::vector<Origin> origins;  // one for each of all_settings(), in its order
  std::vector<Problem> warnings;
};

// Either a configuration or ALL problems at once (warnings among them, at least one error): unknown names
// with the nearest known one, values of the wrong form or out of bounds, and settings that do not go
// together. Does not touch the machine but to see whether the TLS files can be read.
std::expected<Configuration, std::vector<Problem>> load(const Inputs& inputs, const Machine& machine);

// Knows where the configuration comes from and reads it, at start and again on reload. Immutable.
class Loader {
 public:
  // Without `file`, the variable LATCHKEY_CONFIG names it, else it is ./latchkey.toml if there is one.
  Loader(std::optional<std::filesystem::path> file, Environment environment, std::vector<Flag> flags);
  // A file that was named but cannot be read is a problem.
  std::expected<Configuration, std::vector<Problem>> load(const Machine& machine) const;
  // Nothing when there is no file.
  const std::optional<std::filesystem::path>& file() const { return file_; }

 private:
  std::optional<std::filesystem::path> file_;
  Environment environment_;
  std::vector<Flag> flags_;
};

// What a reload does: `settings` is `running` with those changes of `fresh` that can take effect now.
struct Reload {
  Settings settings;
  std::vector<std::string_view> changed;        // names that take effect now
  std::vector<std::string_view> needs_restart;  // names that changed but stay as they are until a restart
};
Reload plan_reload(const Settings& running, const Settings& fresh);

}  // namespace latchkey::config

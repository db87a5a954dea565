#include "config/loader.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>
#include <system_error>

#include "config/checks.h"
#include "config/nearest_name.h"
#include "config/toml_file.h"

extern char**
    environ;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables): POSIX declares it nowhere

namespace latchkey::config {
namespace {

constexpr std::string_view kVariablePrefix = "LATCHKEY_";
constexpr std::string_view kFileVariable = "LATCHKEY_CONFIG";
constexpr std::size_t kMaxFileBytes = 1 << 20;

struct Given {
  std::string setting;
  std::optional<GivenValue> value;  // nothing when it has a form that no setting has
  Origin origin;
};

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

// "LATCHKEY_SERVER__LISTEN" is "server.listen". Nothing for variables that are no setting's: only names with
// two underscores are, because others may well be there (Kubernetes sets LATCHKEY_PORT for a service of that
// name).
std::optional<std::string> setting_of_variable(std::string_view variable) {
  const std::string_view name = variable.substr(kVariablePrefix.size());
  const std::size_t split = name.find("__");
  if (split == std::string_view::npos) return std::nullopt;
  return lower(name.substr(0, split)) + "." + lower(name.substr(split + 2));
}

void read_file_text(const FileText& file, std::vector<Given>& given, std::vector<Problem>& problems) {
  const auto origin = [&](std::uint32_t line) { return file.name + ":" + std::to_string(line); };
  auto entries = read_toml(file.text);
  if (!entries) {
    problems.push_back({.origin = origin(entries.error().line),
                        .setting = {},
                        .message = "this is not TOML: " + entries.error().description});
    return;
  }
  for (TomlEntry& entry : *entries)
    given.push_back({std::move(entry.name), std::move(entry.value), {Layer::file, origin(entry.line)}});
}

void read_environment(const Environment& environment, std::vector<Given>& given,
                      std::vector<Problem>& problems) {
  for (const auto& [variable, value] : environment) {
    if (!variable.starts_with(kVariablePrefix) || variable == kFileVariable) continue;
    if (auto setting = setting_of_variable(variable)) {
      given.push_back({*std::move(setting), GivenValue{{value}, false}, {Layer::environment, variable}});
      continue;
    }
    for (const Setting& setting : all_settings()) {
      std::string single = setting.environment_variable();
      single.erase(single.find("__"), 1);
      if (variable == single)
        problems.push_back(
            {.origin = variable,
             .setting = std::string(setting.name),
             .message = "two underscores stand between section and key: " + setting.environment_variable()});
    }
  }
}

// A list that was given as one text: separated by commas, blanks around items dropped, empty for "".
GivenValue split_list(const GivenValue& given) {
  GivenValue list{{}, true};
  std::string_view rest = given.items.front();
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    std::string_view item = rest.substr(0, comma);
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    list.items.emplace_back(item);
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  }
  return list;
}

std::string quoted(const GivenValue& given) {
  std::string text;
  base::JsonWriter json(text);
  if (given.is_list) json.begin_array();
  for (const std::string& item : given.items) json.value(item);
  if (given.is_list) json.end_array();
  constexpr std::size_t kLongest = 100;
  if (text.size() > kLongest) text = "what was given";
  return text;
}

Problem unknown_setting(const Given& given) {
  Problem problem{.origin = given.origin.text, .setting = given.setting, .message = {}};
  if (find_section(given.setting) != nullptr) {
    problem.message = "is a section: write [" + given.setting + "] and its keys below";
    return problem;
  }
  problem.message = "there is no such setting";
  const std::string_view nearest = nearest_setting(given.setting);
  if (!nearest.empty()) problem.message.append("; did you mean ").append(nearest).append("?");
  return problem;
}

// Puts the value where it belongs, or says what it must be.
std::expected<void, std::string> assign(const Setting& setting, const std::optional<GivenValue>& given,
                                        Settings& settings) {
  const std::string must_be = std::string(setting.name) + " must be ";
  if (!given) return std::unexpected(must_be + std::string(*setting.form));
  const bool is_text_of_list = setting.is_list && !given->is_list;
  auto assigned = setting.assign(settings, is_text_of_list ? split_list(*given) : *given, setting.bounds);
  if (assigned) return {};
  return std::unexpected(
      must_be + assigned.error() +
      (setting.is_secret || setting.shown_text != nullptr ? "" : ", not " + quoted(*given)));
}

// Reads the file whole, or says why not.
std::expected<std::string, std::string> read_file(const std::filesystem::path& path) {
  errno = 0;
  std::error_code status;
  if (std::filesystem::is_directory(path, status)) return std::unexpected("it is a folder");
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxFileBytes + 1, '\0');
  if (!file) return std::unexpected(errno != 0 ? std::strerror(errno) : "unknown error");
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return std::unexpected("reading failed");
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMaxFileBytes) return std::unexpected("it is larger than 1MiB");
  return text;
}

}  // namespace

std::string Problem::text() const {
  std::string text = origin.empty() ? "" : origin + ": ";
  text += severity == Severity::error ? "error: " : "warning: ";
  // Messages that compare two settings name them themselves.
  const bool is_named = setting.empty() || message.starts_with(setting);
  if (!is_named) text += setting + ": ";
  return text + message;
}

std::string variable_of_process(std::string_view name) {
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    if (text.size() > name.size() && text.starts_with(name) && text[name.size()] == '=') {
      return std::string(text.substr(name.size() + 1));
    }
  }
  return {};
}

Environment environment_of_process() {
  Environment environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (!text.starts_with(kVariablePrefix) || equals == std::string_view::npos) continue;
    environment.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  std::ranges::sort(environment);
  return environment;
}

std::expected<Configuration, std::vector<Problem>> load(const Inputs& inputs, const Machine& machine) {
  std::vector<Problem> problems;
  std::vector<Given> all_given;
  if (inputs.file) {
    read_file_text(*inputs.file, all_given, problems);
  }
  read_environment(inputs.environment, all_given, problems);
  for (const Flag& flag : inputs.flags)
    all_given.push_back({flag.setting, GivenValue{{flag.value}, false}, {Layer::flag, flag.option}});

  // In order of precedence, so that what comes later replaces what came before.
  Configuration configuration{
      .settings = default_settings(), .origins = std::vector<Origin>(all_settings().size()), .warnings = {}};
  std::set<std::string_view> unsound;
  for (const Given& given : all_given) {
    const Setting* setting = find_setting(given.setting);
    if (setting == nullptr) {
      problems.push_back(unknown_setting(given));
      continue;
    }
    if (auto assigned = assign(*setting, given.value, configuration.settings)) {
      configuration.origins[static_cast<std::size_t>(setting - all_settings().data())] = given.origin;
    } else {
      problems.push_back(
          {.origin = given.origin.text, .setting = given.setting, .message = std::move(assigned.error())});
      unsound.insert(setting->name);
    }
  }
  check_together(configuration, machine, unsound, problems);

  const bool has_error =
      std::ranges::any_of(problems, [](const Problem& p) { return p.severity == Severity::error; });
  if (has_error) return std::unexpected(std::move(problems));
  configuration.warnings = std::move(problems);
  return configuration;
}

Loader::Loader(std::optional<std::filesystem::path> file, Environment environment, std::vector<Flag> flags)
    : file_(std::move(file)), environment_(std::move(environment)), flags_(std::move(flags)) {
  const auto named = std::ranges::find(environment_, kFileVariable, &Environment::value_type::first);
  if (!file_ && named != environment_.end() && !named->second.empty()) file_ = named->second;
  std::error_code ignored;
  constexpr const char* kUsualFile = "latchkey.toml";
  if (!file_ && std::filesystem::exists(kUsualFile, ignored)) file_ = kUsualFile;
}

std::expected<Configuration, std::vector<Problem>> Loader::load(const Machine& machine) const {
  Inputs inputs{.file = {}, .environment = environment_, .flags = flags_};
  std::optional<Problem> unreadable;
  if (file_) {
    auto text = read_file(*file_);
    if (text) {
      inputs.file = FileText{file_->string(), *std::move(text)};
    } else {
      unreadable = Problem{.origin = file_->string(),
                           .setting = {},
                           .message = "the configuration file cannot be read: " + text.error()};
    }
  }
  auto loaded = config::load(inputs, machine);
  if (!unreadable) return loaded;
  // The rest is checked all the same: all problems at once.
  std::vector<Problem> problems = loaded ? std::move(loaded->warnings) : std::move(loaded.error());
  problems.insert(problems.begin(), *std::move(unreadable));
  return std::unexpected(std::move(problems));
}

Reload plan_reload(const Settings& running, const Settings& fresh) {
  Reload reload{.settings = running, .changed = {}, .needs_restart = {}};
  for (const Setting& setting : all_settings()) {
    if (setting.confidential_text(running) == setting.confidential_text(fresh)) continue;
    if (setting.takes_effect == TakesEffect::on_reload) {
      setting.copy(reload.settings, fresh);
      reload.changed.push_back(setting.name);
    } else {
      reload.needs_restart.push_back(setting.name);
    }
  }
  return reload;
}

}  // namespace latchkey::config

#include "cli/context.h"

#include <cstdio>
#include <utility>

#include "base/json_text.h"
#include "config/render.h"

namespace latchkey::cli {
namespace {

// False when the text could not be written, for example to a full disk.
bool write_line(std::FILE* file, std::string_view text) {
  std::string line(text);
  line += '\n';
  return std::fwrite(line.data(), 1, line.size(), file) == line.size() && std::fflush(file) == 0;
}

// What a person at the command line should read: they own the data, so the detail may be shown.
std::string message_of(const base::Error& error) {
  std::string message;
  if (error.message) {
    message = *error.message;
  } else if (error.fields.empty()) {
    message = error.detail.empty() ? std::string(base::error_info(error.code).message) : error.detail;
  }
  for (const base::FieldError& field : error.fields)
    message.append(message.empty() ? "" : "\n").append(field.field).append(": ").append(field.message);
  return message;
}

}  // namespace

ExitCode exit_code(base::ErrorCode code) {
  const bool is_storage = code == base::ErrorCode::storage_unavailable ||
                          code == base::ErrorCode::overloaded || code == base::ErrorCode::internal_error;
  return is_storage ? ExitCode::storage : ExitCode::failed;
}

OrExit<config::Loader> Context::loader() const {
  std::vector<config::Flag> flags;
  for (const std::string& text : options.set) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
      return std::unexpected(fail_usage("--set takes section.key=value, for example --set log.level=debug"));
    flags.push_back({"--set", text.substr(0, equals), text.substr(equals + 1)});
  }
  if (!options.listen.empty()) flags.push_back({"--listen", "server.listen", options.listen});
  if (!options.data.empty()) flags.push_back({"--data", "data.path", options.data});
  if (!options.database.empty()) flags.push_back({"--database", "database.url", options.database});
  std::optional<std::filesystem::path> file;
  if (!options.config.empty()) file = options.config;
  return config::Loader(std::move(file), config::environment_of_process(), std::move(flags));
}

OrExit<config::Configuration> Context::load_configuration() const {
  const auto source = loader();
  if (!source) return std::unexpected(source.error());
  auto configuration = source->load(config::Machine::current());
  if (configuration) return *std::move(configuration);
  fail_configuration(configuration.error());
  return std::unexpected(ExitCode::configuration);
}

OrExit<std::unique_ptr<app::Application>> Context::open() {
  const auto configuration = load_configuration();
  if (!configuration) return std::unexpected(configuration.error());
  return open(configuration->settings);
}

OrExit<std::unique_ptr<app::Application>> Context::open(const config::Settings& settings) {
  const base::LogFormat format = wants_json() ? base::LogFormat::json : base::LogFormat::pretty;
  logger_ = base::make_stderr_logger(format, base::LogLevel::warn);
  auto application = app::open_application(settings, *logger_);
  if (!application) {
    fail(application.error());
    return std::unexpected(ExitCode::storage);
  }
  return *std::move(application);
}

ExitCode Context::print(std::string_view text, std::string_view json) const {
  return write_line(stdout, wants_json() ? json : text) ? ExitCode::ok : ExitCode::failed;
}

ExitCode Context::fail(const base::Error& error) const {
  return print_error(exit_code(error.code), base::error_info(error.code).name, message_of(error),
                     error.hint.value_or(""));
}

ExitCode Context::fail_usage(std::string_view message) const {
  return print_error(ExitCode::usage, "usage", message, "");
}

ExitCode Context::fail_configuration(const std::vector<config::Problem>& problems) const {
  if (!wants_json()) {
    std::string text = config::render_problems(problems);
    text.pop_back();
    write_line(stderr, text);
    return ExitCode::configuration;
  }
  std::string text;
  base::JsonWriter json(text);
  json.begin_object().key("error").begin_object();
  json.member("code", "configuration").member("message", "The configuration has mistakes.");
  json.key("problems");
  config::write_problems_json(json, problems);
  json.end_object().end_object();
  write_line(stderr, text);
  return ExitCode::configuration;
}

ExitCode Context::print_error(ExitCode exit, std::string_view code, std::string_view message,
                              std::string_view hint) const {
  std::string text;
  if (wants_json()) {
    base::JsonWriter json(text);
    json.begin_object().key("error").begin_object();
    json.member("code", code).member("message", message);
    if (!hint.empty()) json.member("hint", hint);
    json.end_object().end_object();
  } else {
    text.append("latchkey: ").append(message);
    if (!hint.empty()) text.append("\n").append(hint);
  }
  write_line(stderr, text);
  return exit;
}

}  // namespace latchkey::cli

// What every command of the command line needs: the global options, the configuration, and a place to print.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/application.h"
#include "base/error.h"
#include "base/log.h"
#include "base/result.h"
#include "config/loader.h"

namespace latchkey::cli {

// Documented in `latchkey --help` and docs/cli.md: scripts depend on the numbers.
enum class ExitCode : int {
  ok = 0,
  failed = 1,         // understood, but not possible: no such user, weak password, the server could not start
  usage = 2,          // the arguments are not right
  configuration = 3,  // the configuration has mistakes
  storage = 4,        // the database or the keys cannot be opened, read or written
  differs = 5,        // a move ended, and what arrived is not what was sent
};

// A result of a command, or the code of an error that was printed already.
template <class T>
using OrExit = std::expected<T, ExitCode>;

// Options that every command takes.
struct GlobalOptions {
  std::string config, data, database, listen;  // empty when not given
  std::vector<std::string> set;                // "section.key=value"
  bool json = false;
};

// Lives as long as the command runs. Results go to standard output; errors, prompts and logs to standard
// error, as JSON too with --json. Not thread-safe.
class Context {
 public:
  GlobalOptions options;
  // What the parser chose to run.
  std::function<ExitCode()> command;

  // Where the configuration comes from, by the options and the environment. Fails with usage when a --set is
  // not section.key=value.
  OrExit<config::Loader> loader() const;
  // The configuration; its problems are printed.
  OrExit<config::Configuration> load_configuration() const;
  // The store, the keys and the flows, with a logger that shows warnings only.
  OrExit<std::unique_ptr<app::Application>> open(const config::Settings& settings);
  // The same on load_configuration().
  OrExit<std::unique_ptr<app::Application>> open();

  bool wants_json() const { return options.json; }
  // Writes a result: `text` for people, `json` for programs, each whole and without the last line end.
  ExitCode print(std::string_view text, std::string_view json) const;

  // Writes an error and returns its code.
  ExitCode fail(const base::Error& error) const;
  // The same for what the API's errors have no word for.
  ExitCode fail(ExitCode exit, std::string_view code, std::string_view message) const {
    return print_error(exit, code, message, "");
  }
  ExitCode fail_usage(std::string_view message) const;
  ExitCode fail_configuration(const std::vector<config::Problem>& problems) const;

 private:
  ExitCode print_error(ExitCode exit, std::string_view code, std::string_view message,
                       std::string_view hint) const;
  std::unique_ptr<base::Logger> logger_;
};

// The exit code that goes with an error.
ExitCode exit_code(base::ErrorCode code);

}  // namespace latchkey::cli

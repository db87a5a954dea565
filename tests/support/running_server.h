// The real program on a free port, as an operator runs it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/testing/fakes.h"
#include "support/api.h"
#include "support/process.h"

namespace latchkey::e2e {

using Settings = std::vector<std::string>;  // "section.key=value"

// For nearly all tests: no rate limits, and password hashes that cost next to nothing.
Settings quick_settings(const Settings& more = {});

// How a command ended.
struct Outcome {
  int status;
  std::string out;
  std::string err;
};

// A data folder, and the program working on it: with its own database, or, where LATCHKEY_TEST_BACKEND says
// `postgres`, with an empty one on a PostgreSQL that the test binary starts.
class Installation {
 public:
  Installation();
  Installation(const Installation&) = delete;
  Installation& operator=(const Installation&) = delete;
  ~Installation();
  const std::filesystem::path& folder() const { return folder_.path(); }
  std::filesystem::path data() const { return folder() / "data"; }
  // Empty on SQLite.
  std::string postgres_url() const;
  // All that is stored, as bytes to search: the files of the data folder but the master key, or the rows.
  std::string stored_bytes() const;
  // `latchkey ARGUMENTS --data DATA --set …` to its end.
  Outcome run(std::vector<std::string> arguments, std::string_view input = {},
              const Settings& settings = quick_settings()) const;
  // Starts `latchkey serve` on it; nobody waits for anything.
  std::unique_ptr<Process> start(const Settings& settings, std::string_view listen = "127.0.0.1:0") const;

 private:
  void add_database(std::vector<std::string>& command) const;

  base::testing::TemporaryFolder folder_;
  std::string postgres_database_;  // empty: SQLite
};

// A server that listens. The destructor stops it as an operator would, and fails the test when it does not
// end well.
class RunningServer {
 public:
  // On a data folder of its own.
  explicit RunningServer(const Settings& settings = quick_settings());
  // On that one, which outlives it.
  RunningServer(const Installation& installation, const Settings& settings);
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;
  ~RunningServer();

  std::uint16_t port() const { return port_; }
  Api api() const { return Api(port_); }
  const Installation& installation() const { return *installation_; }
  Process& process() { return *process_; }
  // What it has logged so far.
  std::string log() const { return process_->err(); }
  // SIGTERM, and the exit status.
  int stop();

 private:
  void wait_for_start();

  std::unique_ptr<Installation> own_;
  const Installation* installation_;
  std::unique_ptr<Process> process_;
  std::uint16_t port_ = 0;
};

}  // namespace latchkey::e2e

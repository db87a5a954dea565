// A server program that a test runs for itself: as an unprivileged user, heard through a pipe, and ended with
// the test.
#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace latchkey::storage::postgres::testing {

// A temporary folder that belongs to whom the servers run as: this user, or, since PostgreSQL and PgBouncer
// refuse root, postgres or nobody. Gone with the object.
class ServerFolder {
 public:
  ServerFolder();
  ServerFolder(const ServerFolder&) = delete;
  ServerFolder& operator=(const ServerFolder&) = delete;
  ~ServerFolder();
  const std::filesystem::path& path() const { return path_; }
  // Zero: stay who you are.
  uid_t user() const { return user_; }
  gid_t group() const { return group_; }

 private:
  std::filesystem::path path_;
  uid_t user_ = 0;
  gid_t group_ = 0;
};

// Runs one program at a time, again and again if need be. What it says is kept. It also ends when this
// process dies.
class ServerProcess {
 public:
  // `folder` must outlive the process. `largest_file` in bytes is as large as its files may grow; zero: no
  // limit.
  explicit ServerProcess(const ServerFolder& folder, std::uint64_t largest_file = 0)
      : folder_(folder), largest_file_(largest_file) {}
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;
  ~ServerProcess();

  // Returns when the program has said `ready`. Throws std::runtime_error with its words when it does not.
  void start(const std::vector<std::string>& command, const std::string& ready);
  // Sends the signal and waits for the end.
  void stop(int signal);
  bool is_running() const { return process_ > 0; }
  // Runs a program to its end. Throws std::runtime_error with its words when it fails.
  void run(const std::vector<std::string>& command);
  // All that was said.
  std::string log() const;

 private:
  void launch(const std::vector<std::string>& command);
  void follow(int pipe);

  const ServerFolder& folder_;
  const std::uint64_t largest_file_;
  pid_t process_ = -1;
  mutable std::mutex mutex_;
  std::condition_variable log_grew_;
  std::string log_;
  bool log_ended_ = false;
  std::thread reader_;
};

}  // namespace latchkey::storage::postgres::testing

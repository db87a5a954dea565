// A real PostgreSQL for tests: made in a temporary folder, listening on a Unix socket there, gone with the
// object.
#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace latchkey::storage::postgres::testing {

// A server with the superuser "latchkey", who needs no password. It also ends when this process dies. Running
// as root, the server runs as the user postgres or nobody, since it refuses root. Throws std::runtime_error
// with the server's own words.
class PostgresServer {
 public:
  // Made when first asked for, shared by all tests of a binary, stopped at its end.
  static PostgresServer& shared();

  // `settings` are lines of postgresql.conf.
  explicit PostgresServer(const std::vector<std::string>& settings = {});
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;
  ~PostgresServer();

  // After stop(). Returns when the server takes connections.
  void start();
  enum class Stop : std::uint8_t {
    fast,       // ends all sessions
    immediate,  // as a crash would
  };
  void stop(Stop how);

  // The address of a database; libpq's keyword form.
  std::string address(std::string_view database) const;
  std::string socket_folder() const { return folder_ / "socket"; }
  std::filesystem::path data_folder() const { return folder_ / "data"; }
  // Makes a database and returns its name.
  std::string make_database();
  void drop_database(const std::string& name);
  // Runs statements past everything under test. The first column of the first row, or empty.
  std::string execute(std::string_view database, const std::string& sql) const;
  // All the server has said.
  std::string log() const;

 private:
  pid_t run(const std::vector<std::string>& command, int output) const;
  void follow_log(int pipe);

  std::filesystem::path folder_;
  uid_t user_ = 0;
  gid_t group_ = 0;
  pid_t server_ = -1;
  int databases_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable log_grew_;
  std::string log_;
  bool log_ended_ = false;
  std::thread log_reader_;
};

}  // namespace latchkey::storage::postgres::testing

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
  struct Options {
    bool is_durable = false;         // commits are on disk when they return
    bool tls = false;                // listens on 127.0.0.1 too, on a free port, and wants TLS there
    std::uint64_t largest_file = 0;  // bytes: a disk that is full; zero: no limit
  };

  // Made when first asked for, shared by all tests of a binary, stopped at its end.
  static PostgresServer& shared();

  PostgresServer() : PostgresServer(Options{}) {}
  explicit PostgresServer(const Options& options);
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
  // The same by TCP, for a server with TLS.
  std::string tcp_address(std::string_view database) const;
  std::string socket_folder() const { return folder_ / "socket"; }
  std::filesystem::path data_folder() const { return folder_ / "data"; }
  // Makes a database and returns its name.
  std::string make_database();
  void drop_database(const std::string& name);
  // From now on, this user needs the password.
  void require_password(const std::string& user);
  // Runs statements past everything under test. The first column of the first row of the last one, or empty.
  std::string execute(std::string_view database, const std::string& sql) const {
    return execute_nth(database, sql, 0);
  }
  // The same for another row, from 0.
  std::string execute_nth(std::string_view database, const std::string& sql, int row) const;
  // All the server has said.
  std::string log() const;

 private:
  // Runs a program to its end. Throws when it fails.
  void run_to_end(const std::vector<std::string>& command) const;
  pid_t run(const std::vector<std::string>& command, int output) const;
  void configure(const Options& options);
  void follow_log(int pipe);

  std::filesystem::path folder_;
  std::uint64_t largest_file_;
  int port_ = 5432;  // names the socket; taken only with TLS
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

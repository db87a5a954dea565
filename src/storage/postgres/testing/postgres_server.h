// A real PostgreSQL for tests: made in a temporary folder, listening on a Unix socket there, gone with the
// object.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "storage/postgres/testing/server_process.h"

namespace latchkey::storage::postgres::testing {

// A server with the superuser "latchkey", who needs no password. Throws std::runtime_error with the server's
// own words. To be made by the main thread.
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
  // The same as a URL.
  std::string url(std::string_view database) const;
  // The same by TCP, for a server with TLS.
  std::string tcp_address(std::string_view database) const;
  std::string socket_folder() const { return folder_.path() / "socket"; }
  std::filesystem::path data_folder() const { return folder_.path() / "data"; }
  // The name of an empty database, for one test at a time.
  std::string take_database();
  // Empties the database for the next one: making one takes ten times as long.
  void give_back_database(const std::string& name);
  // From now on, this user needs the password.
  void require_password(const std::string& user);
  // Runs statements past everything under test. The first column of the first row of the last one, or empty.
  std::string execute(std::string_view database, const std::string& sql) const {
    return execute_nth(database, sql, 0);
  }
  // The same for another row, from 0.
  std::string execute_nth(std::string_view database, const std::string& sql, int row) const;
  // All the server has said.
  std::string log() const { return process_.log(); }

 private:
  void configure(const Options& options);

  ServerFolder folder_;
  ServerProcess process_;
  int port_ = 5432;  // names the socket; taken only with TLS
  int databases_ = 0;
  std::vector<std::string> empty_databases_;
};

}  // namespace latchkey::storage::postgres::testing

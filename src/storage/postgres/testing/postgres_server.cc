#include "storage/postgres/testing/postgres_server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <system_error>

namespace latchkey::storage::postgres::testing {
namespace {

// Newest first: any of them will do.
std::filesystem::path find_programs() {
  for (const int version : {18, 17, 16, 15}) {
    const std::filesystem::path folder = fmt::format("/usr/lib/postgresql/{}/bin", version);
    if (std::filesystem::exists(folder / "postgres")) return folder;
  }
  throw std::runtime_error("PostgreSQL is not installed; ./dev setup test does that");
}

// Somebody else may take it before the server does; then the server does not start, and the test fails.
int find_free_port() {
  const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof here;
  if (bind(probe, reinterpret_cast<sockaddr*>(&here), size) != 0 ||
      getsockname(probe, reinterpret_cast<sockaddr*>(&here), &size) != 0) {
    throw std::system_error(errno, std::generic_category(), "bind");
  }
  close(probe);
  return ntohs(here.sin_port);
}

}  // namespace

PostgresServer& PostgresServer::shared() {
  static PostgresServer server;
  return server;
}

PostgresServer::PostgresServer(const Options& options) : process_(folder_, options.largest_file) {
  process_.run({find_programs() / "initdb", "--pgdata=" + data_folder().string(), "--username=latchkey",
                "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"});
  configure(options);
  start();
}

void PostgresServer::configure(const Options& options) {
  process_.run({"/bin/mkdir", socket_folder()});
  std::ofstream configuration(data_folder() / "postgresql.conf", std::ios::app);
  configuration << "unix_socket_directories = '" << socket_folder() << "'\n"
                << "max_connections = 100\nshared_buffers = 32MB\nlc_messages = 'C'\n"
                << "log_min_messages = log\nlog_min_error_statement = panic\nlogging_collector = off\n"
                << "log_checkpoints = off\n";
  if (!options.is_durable) configuration << "fsync = off\n";
  if (!options.tls) {
    configuration << "listen_addresses = ''\n";
    return;
  }
  port_ = find_free_port();
  configuration << "listen_addresses = '127.0.0.1'\nport = " << port_ << "\nssl = on\n";
  process_.run({"/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                "-noenc", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                "-keyout", data_folder() / "server.key", "-out", data_folder() / "server.crt"});
  std::ofstream(data_folder() / "pg_hba.conf") << "local all all trust\nhostssl all all 127.0.0.1/32 trust\n";
}

PostgresServer::~PostgresServer() {
  if (process_.is_running()) stop(Stop::immediate);
}

void PostgresServer::start() {
  process_.start({find_programs() / "postgres", "-D", data_folder()},
                 "database system is ready to accept connections");
}

void PostgresServer::stop(Stop how) { process_.stop(how == Stop::fast ? SIGINT : SIGQUIT); }

std::string PostgresServer::address(std::string_view database) const {
  return fmt::format("host={} port={} user=latchkey dbname={}", socket_folder(), port_, database);
}

std::string PostgresServer::url(std::string_view database) const {
  return fmt::format("postgres://latchkey@/{}?host={}&port={}", database, socket_folder(), port_);
}

std::string PostgresServer::tcp_address(std::string_view database) const {
  return fmt::format("host=127.0.0.1 port={} user=latchkey dbname={}", port_, database);
}

void PostgresServer::require_password(const std::string& user) {
  const std::filesystem::path file = data_folder() / "pg_hba.conf";
  std::ifstream before(file);
  const std::string rules((std::istreambuf_iterator<char>(before)), {});
  std::ofstream(file) << fmt::format("local all {} scram-sha-256\n", user) << rules;
  execute("postgres", "SELECT pg_reload_conf()");
}

std::string PostgresServer::take_database() {
  if (empty_databases_.empty()) {
    const std::string name = fmt::format("test_{}", ++databases_);
    execute("postgres", "CREATE DATABASE " + name);
    return name;
  }
  std::string name = std::move(empty_databases_.back());
  empty_databases_.pop_back();
  return name;
}

void PostgresServer::give_back_database(const std::string& name) {
  execute(name,
          "SET client_min_messages = error; DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION "
          "pg_database_owner; GRANT USAGE ON SCHEMA public TO PUBLIC");
  empty_databases_.push_back(name);
}

std::string PostgresServer::execute_nth(std::string_view database, const std::string& sql, int row) const {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(address(database).c_str()),
                                                                PQfinish);
  PQsetNoticeReceiver(connection.get(), [](void*, const PGresult*) {}, nullptr);
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql.c_str()), PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    throw std::runtime_error(sql + ": " + PQerrorMessage(connection.get()));
  }
  return PQntuples(result.get()) > row ? PQgetvalue(result.get(), row, 0) : std::string();
}

}  // namespace latchkey::storage::postgres::testing

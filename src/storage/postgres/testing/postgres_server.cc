#include "storage/postgres/testing/postgres_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <fstream>
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

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

constexpr std::chrono::seconds kPatience{60};

// Somebody else may take it before the server does; then the server does not start, and the test fails.
int find_free_port() {
  const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof here;
  if (bind(probe, reinterpret_cast<sockaddr*>(&here), size) != 0 ||
      getsockname(probe, reinterpret_cast<sockaddr*>(&here), &size) != 0) {
    fail("bind");
  }
  close(probe);
  return ntohs(here.sin_port);
}

}  // namespace

PostgresServer& PostgresServer::shared() {
  static PostgresServer server;
  return server;
}

PostgresServer::PostgresServer(const Options& options) : largest_file_(options.largest_file) {
  std::string pattern = (std::filesystem::temp_directory_path() / "latchkey-pg-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) fail("mkdtemp");
  folder_ = pattern;
  std::filesystem::create_directory(folder_ / "socket");
  if (getuid() == 0) {
    const passwd* user = getpwnam("postgres");
    if (user == nullptr) user = getpwnam("nobody");
    if (user == nullptr) throw std::runtime_error("no user to run PostgreSQL as");
    user_ = user->pw_uid;
    group_ = user->pw_gid;
    for (const auto& path : {folder_, folder_ / "socket"}) {
      if (chown(path.c_str(), user_, group_) != 0) fail("chown");
    }
  }
  run_to_end({find_programs() / "initdb", "--pgdata=" + data_folder().string(), "--username=latchkey",
              "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"});
  configure(options);
  start();
}

void PostgresServer::configure(const Options& options) {
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
  run_to_end({"/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
              "-noenc", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
              "-keyout", data_folder() / "server.key", "-out", data_folder() / "server.crt"});
  std::ofstream(data_folder() / "pg_hba.conf") << "local all all trust\nhostssl all all 127.0.0.1/32 trust\n";
}

PostgresServer::~PostgresServer() {
  if (server_ > 0) stop(Stop::immediate);
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void PostgresServer::start() {
  std::array<int, 2> output{};
  if (pipe2(output.data(), O_CLOEXEC) != 0) fail("pipe");
  {
    const std::lock_guard lock(mutex_);
    log_ended_ = false;
  }
  const std::size_t said_before = log().size();
  server_ = run({find_programs() / "postgres", "-D", data_folder()}, output[1]);
  close(output[1]);
  log_reader_ = std::thread([this, pipe = output[0]] { follow_log(pipe); });
  std::unique_lock lock(mutex_);
  const auto is_ready = [&] {
    return log_.find("database system is ready to accept connections", said_before) != std::string::npos;
  };
  log_grew_.wait_for(lock, kPatience, [&] { return is_ready() || log_ended_; });
  if (!is_ready()) throw std::runtime_error("PostgreSQL does not start: " + log_.substr(said_before));
}

void PostgresServer::stop(Stop how) {
  kill(server_, how == Stop::fast ? SIGINT : SIGQUIT);
  waitpid(server_, nullptr, 0);
  server_ = -1;
  log_reader_.join();
}

std::string PostgresServer::address(std::string_view database) const {
  return fmt::format("host={} port={} user=latchkey dbname={}", socket_folder(), port_, database);
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

std::string PostgresServer::make_database() {
  const std::string name = fmt::format("test_{}", ++databases_);
  execute("postgres", "CREATE DATABASE " + name);
  return name;
}

void PostgresServer::drop_database(const std::string& name) {
  execute("postgres", "DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
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

std::string PostgresServer::log() const {
  const std::lock_guard lock(mutex_);
  return log_;
}

void PostgresServer::run_to_end(const std::vector<std::string>& command) const {
  std::array<int, 2> output{};
  if (pipe2(output.data(), O_CLOEXEC) != 0) fail("pipe");
  const pid_t child = run(command, output[1]);
  close(output[1]);
  std::string said;
  std::array<char, 4096> buffer{};
  for (ssize_t got = 0; (got = read(output[0], buffer.data(), buffer.size())) > 0;) {
    said.append(buffer.data(), static_cast<std::size_t>(got));
  }
  close(output[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (status != 0) throw std::runtime_error(command.front() + " failed: " + said);
}

pid_t PostgresServer::run(const std::vector<std::string>& command, int output) const {
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) fail("fork");
  if (child > 0) return child;
  // Only what is safe after fork() in a program with threads.
  if (user_ != 0 && (setgroups(0, nullptr) != 0 || setgid(group_) != 0 || setuid(user_) != 0)) _exit(126);
  if (largest_file_ > 0) {
    const rlimit limit{.rlim_cur = largest_file_, .rlim_max = largest_file_};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  // The server ends at once, with all its processes, when the test does. After setuid, which would undo it.
  prctl(PR_SET_PDEATHSIG, SIGQUIT);
  if (getppid() != parent) _exit(126);
  setsid();  // Ctrl-C is for the test
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  execv(arguments[0], arguments.data());
  _exit(127);
}

void PostgresServer::follow_log(int pipe) {
  std::array<char, 4096> buffer{};
  for (ssize_t got = 0; (got = read(pipe, buffer.data(), buffer.size())) > 0;) {
    const std::lock_guard lock(mutex_);
    log_.append(buffer.data(), static_cast<std::size_t>(got));
    log_grew_.notify_all();
  }
  close(pipe);
  const std::lock_guard lock(mutex_);
  log_ended_ = true;
  log_grew_.notify_all();
}

}  // namespace latchkey::storage::postgres::testing

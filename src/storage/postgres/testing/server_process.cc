#include "storage/postgres/testing/server_process.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <system_error>

namespace latchkey::storage::postgres::testing {
namespace {

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

constexpr std::chrono::seconds kPatience{60};

}  // namespace

ServerFolder::ServerFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "latchkey-pg-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) fail("mkdtemp");
  path_ = pattern;
  if (getuid() != 0) return;
  const passwd* user = getpwnam("postgres");
  if (user == nullptr) user = getpwnam("nobody");
  if (user == nullptr) throw std::runtime_error("no user to run a server as");
  user_ = user->pw_uid;
  group_ = user->pw_gid;
  if (chown(path_.c_str(), user_, group_) != 0) fail("chown");
}

ServerFolder::~ServerFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

ServerProcess::~ServerProcess() {
  if (is_running()) stop(SIGKILL);
}

void ServerProcess::start(const std::vector<std::string>& command, const std::string& ready) {
  const std::size_t said_before = log().size();
  launch(command);
  std::unique_lock lock(mutex_);
  const auto is_ready = [&] { return log_.find(ready, said_before) != std::string::npos; };
  log_grew_.wait_for(lock, kPatience, [&] { return is_ready() || log_ended_; });
  if (!is_ready()) throw std::runtime_error(command.front() + " does not start: " + log_.substr(said_before));
}

void ServerProcess::stop(int signal) {
  kill(process_, signal);
  waitpid(process_, nullptr, 0);
  process_ = -1;
  reader_.join();
}

void ServerProcess::run(const std::vector<std::string>& command) {
  const std::size_t said_before = log().size();
  launch(command);
  int status = 0;
  waitpid(process_, &status, 0);
  process_ = -1;
  reader_.join();
  if (status != 0) throw std::runtime_error(command.front() + " failed: " + log().substr(said_before));
}

std::string ServerProcess::log() const {
  const std::lock_guard lock(mutex_);
  return log_;
}

void ServerProcess::launch(const std::vector<std::string>& command) {
  std::array<int, 2> output{};
  if (pipe2(output.data(), O_CLOEXEC) != 0) fail("pipe");
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const uid_t user = folder_.user();
  const gid_t group = folder_.group();
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) fail("fork");
  if (child == 0) {
    // Only what is safe after fork() in a program with threads.
    if (user != 0 && (setgroups(0, nullptr) != 0 || setgid(group) != 0 || setuid(user) != 0)) _exit(126);
    if (largest_file_ > 0) {
      const rlimit limit{.rlim_cur = largest_file_, .rlim_max = largest_file_};
      setrlimit(RLIMIT_FSIZE, &limit);
    }
    // PostgreSQL ends at once, with all its processes. After setuid, which would undo it.
    prctl(PR_SET_PDEATHSIG, SIGQUIT);
    if (getppid() != parent) _exit(126);
    setsid();  // Ctrl-C is for the test
    dup2(output[1], STDOUT_FILENO);
    dup2(output[1], STDERR_FILENO);
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  close(output[1]);
  process_ = child;
  {
    const std::lock_guard lock(mutex_);
    log_ended_ = false;
  }
  reader_ = std::thread([this, pipe = output[0]] { follow(pipe); });
}

void ServerProcess::follow(int pipe) {
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

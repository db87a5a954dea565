#include "support/process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <system_error>

namespace latchkey::e2e {
namespace {

constexpr std::chrono::seconds kPatience{60};

struct Pipe {
  int read_end;
  int write_end;
};

Pipe make_pipe() {
  std::array<int, 2> ends;
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe2");
  return {ends[0], ends[1]};
}

}  // namespace

Process::Stream::Stream(int descriptor)
    : descriptor_(descriptor), reader_([this] {
        std::array<char, 65536> buffer;
        for (;;) {
          const ssize_t count = read(descriptor_, buffer.data(), buffer.size());
          if (count < 0 && errno == EINTR) continue;
          const std::lock_guard lock(mutex_);
          if (count > 0) text_.append(buffer.data(), static_cast<std::size_t>(count));
          ended_ = count <= 0;
          changed_.notify_all();
          if (ended_) return;
        }
      }) {}

Process::Stream::~Stream() {
  reader_.join();
  close(descriptor_);
}

std::string Process::Stream::text() const {
  const std::lock_guard lock(mutex_);
  return text_;
}

bool Process::Stream::wait_for(std::string_view text) {
  std::unique_lock lock(mutex_);
  const auto is_there = [&] { return text_.find(text) != std::string::npos; };
  changed_.wait_for(lock, kPatience, [&] { return ended_ || is_there(); });
  return is_there();
}

void Process::Stream::wait_for_end() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kPatience, [&] { return ended_; });
}

Process::Process(const std::vector<std::string>& command, const std::filesystem::path& folder,
                 std::string_view input)
    : Process(start(command, folder, input)) {}

Process::Started Process::start(const std::vector<std::string>& command, const std::filesystem::path& folder,
                                std::string_view input) {
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  std::signal(SIGPIPE, SIG_IGN);  // a program may end without reading its input
  const Pipe in = make_pipe();
  const Pipe out = make_pipe();
  const Pipe err = make_pipe();
  const pid_t pid = fork();
  if (pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // does not outlive a test that crashes
    dup2(in.read_end, STDIN_FILENO);
    dup2(out.write_end, STDOUT_FILENO);
    dup2(err.write_end, STDERR_FILENO);
    if (chdir(folder.c_str()) != 0) _exit(126);
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  close(in.read_end);
  close(out.write_end);
  close(err.write_end);
  while (!input.empty()) {
    const ssize_t count = write(in.write_end, input.data(), input.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) break;
    input.remove_prefix(static_cast<std::size_t>(count));
  }
  close(in.write_end);
  return {pid, out.read_end, err.read_end};
}

Process::~Process() {
  signal(SIGKILL);
  wait();
}

void Process::signal(int number) const {
  if (status_ < 0) kill(pid_, number);
}

int Process::wait() {
  if (status_ >= 0) return status_;
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  out_.wait_for_end();
  err_.wait_for_end();
  return status_;
}

}  // namespace latchkey::e2e

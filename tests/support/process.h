// A program that a test runs: its output, its exit status, and no sleeping in between.
#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace latchkey::e2e {

// A running program. Its two outputs are read as they come. The destructor kills what still runs.
class Process {
 public:
  // `command` is the path of the program and its arguments; it gets `input` on standard input and works in
  // `folder`.
  Process(const std::vector<std::string>& command, const std::filesystem::path& folder,
          std::string_view input = {});
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  // What it has written so far.
  std::string out() const { return out_.text(); }
  std::string err() const { return err_.text(); }
  // Waits until `text` stands in its output; false when it ended (or too much time went by) without.
  bool wait_for_out(std::string_view text) { return out_.wait_for(text); }
  bool wait_for_err(std::string_view text) { return err_.wait_for(text); }

  pid_t pid() const { return pid_; }
  void signal(int number) const;
  // Waits for the end: the exit status, or 128 + the number of the signal that killed it.
  int wait();

 private:
  class Stream {
   public:
    explicit Stream(int descriptor);
    ~Stream();
    std::string text() const;
    bool wait_for(std::string_view text);
    void wait_for_end();

   private:
    int descriptor_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::string text_;
    bool ended_ = false;
    std::thread reader_;
  };
  struct Started {
    pid_t pid;
    int out, err;
  };
  static Started start(const std::vector<std::string>& command, const std::filesystem::path& folder,
                       std::string_view input);
  explicit Process(const Started& started) : pid_(started.pid), out_(started.out), err_(started.err) {}

  pid_t pid_;
  int status_ = -1;
  Stream out_;
  Stream err_;
};

}  // namespace latchkey::e2e

// A thread with a name and a small stack.
#pragma once

#include <pthread.h>

#include <functional>
#include <string>

namespace latchkey::http {

// Runs `body` until it returns; the destructor joins. All signals are blocked in it, so they reach the main
// thread. Throws InfraError when the system gives no thread.
class Thread {
 public:
  // The stack is far below 2 MiB so that the kernel does not back it with a huge page.
  static constexpr std::size_t kStackBytes = 512 * 1024;

  Thread(const std::string& name, std::function<void()> body);
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;
  ~Thread();

 private:
  pthread_t thread_{};
};

}  // namespace latchkey::http

#include "http/thread.h"

#include <signal.h>

#include <cstring>
#include <memory>

#include "base/infra_error.h"

namespace latchkey::http {
namespace {

void* run(void* argument) {
  const std::unique_ptr<std::function<void()>> body(static_cast<std::function<void()>*>(argument));
  (*body)();
  return nullptr;
}

}  // namespace

Thread::Thread(const std::string& name, std::function<void()> body) {
  auto owned = std::make_unique<std::function<void()>>(std::move(body));
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackBytes);
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const int error = pthread_create(&thread_, &attributes, run, owned.get());
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_attr_destroy(&attributes);
  if (error != 0) {
    throw base::InfraError(base::ErrorCode::overloaded, std::string("no thread: ") + std::strerror(error));
  }
  static_cast<void>(owned.release());  // the thread's now
  pthread_setname_np(thread_, name.substr(0, 15).c_str());
}

Thread::~Thread() { pthread_join(thread_, nullptr); }

}  // namespace latchkey::http

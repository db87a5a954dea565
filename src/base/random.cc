#include "base/random.h"

#include <sys/random.h>

#include <cerrno>

#include "base/infra_error.h"

namespace latchkey::base {

void SystemRandom::fill(std::span<std::byte> out) {
  while (!out.empty()) {
    const ssize_t got = getrandom(out.data(), out.size(), 0);
    if (got < 0) {
      if (errno == EINTR) continue;
      throw InfraError(ErrorCode::internal_error, "getrandom failed");
    }
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

}  // namespace latchkey::base

#include "base/secret.h"

#include <cstring>
#include <utility>

namespace latchkey::base {

// Copies and wipes: moving a short string would leave its bytes behind.
// NOLINTNEXTLINE(performance-move-constructor-init)
Secret::Secret(Secret&& other) noexcept : bytes_(other.bytes_) { wipe(other.bytes_); }

Secret& Secret::operator=(const Secret& other) {
  if (this != &other) {
    wipe(bytes_);
    bytes_ = other.bytes_;
  }
  return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe(bytes_);
    bytes_.swap(other.bytes_);
  }
  return *this;
}

void Secret::wipe(std::string& bytes) {
  // explicit_bzero is not removed by the optimiser. The capacity beyond size() may hold older bytes.
  bytes.resize(bytes.capacity());
  explicit_bzero(bytes.data(), bytes.size());
  bytes.clear();
}

}  // namespace latchkey::base

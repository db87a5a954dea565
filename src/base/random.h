// Randomness as something that is handed in.
#pragma once

#include <cstddef>
#include <span>

namespace latchkey::base {

// Thread-safe source of unpredictable bytes.
class Random {
 public:
  virtual ~Random() = default;
  // Fills `out` wholly. Throws InfraError when the machine has no entropy.
  virtual void fill(std::span<std::byte> out) = 0;
};

// The kernel's generator, getrandom(2).
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::byte> out) override;
};

}  // namespace latchkey::base

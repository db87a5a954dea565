// A text that must not be seen: a password, a private key, a token.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace latchkey::base {

// Owns bytes that are wiped when it goes. It cannot be formatted, printed or compared with ==, so it does
// not reach a log by accident; compare with crypto::constant_time_equal. Moving leaves the source empty.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string bytes) : bytes_(std::move(bytes)) {}
  explicit Secret(std::string_view bytes) : bytes_(bytes) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept;
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret() { wipe(bytes_); }

  bool empty() const { return bytes_.empty(); }
  std::size_t size() const { return bytes_.size(); }
  // The bytes themselves. Whoever calls this keeps them out of logs, errors and addresses.
  std::string_view confidential_text() const { return bytes_; }
  std::span<const std::byte> confidential_bytes() const { return std::as_bytes(std::span(bytes_)); }

  bool operator==(const Secret&) const = delete;

 private:
  static void wipe(std::string& bytes);
  std::string bytes_;
};

}  // namespace latchkey::base

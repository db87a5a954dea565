// Cross-origin resource sharing (the Fetch standard): which web pages may read our answers.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace latchkey::http {

// The allowed origins. Immutable, so safe to share between threads. Credentials (cookies) are never allowed:
// this API does not use them.
class CorsPolicy {
 public:
  CorsPolicy() = default;  // any origin
  // Each entry is "*", an origin ("https://app.example.com", "http://localhost:3000") or one with a wildcard
  // for one or more labels ("https://*.example.com"); scheme and port must match. No entry: no origin.
  // Nothing if one cannot be read.
  static std::optional<CorsPolicy> parse(std::span<const std::string> origins);

  bool allows_any() const { return any_; }
  bool allows(std::string_view origin) const;

  // Appends the header lines for an answer to `request`, each with CR LF. Goes on every answer.
  void append_headers(const Request& request, std::string& out) const;
  // The same for an OPTIONS request: methods, headers and how long a browser may remember them as well.
  // Asked-for header names are repeated if they are all tokens (RFC 9110 §5.6.2).
  void append_preflight_headers(const Request& request, std::string& out) const;

 private:
  struct Origin {
    std::string prefix;  // "https://"; with `suffix` empty, the whole origin
    std::string suffix;  // ".example.com:8443"
  };
  bool any_ = true;
  std::vector<Origin> allowed_;
};

}  // namespace latchkey::http

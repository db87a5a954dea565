// Turns the bytes of a connection into requests, one after the other.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>

#include "base/error.h"
#include "http/message.h"

namespace latchkey::http {

struct ReadLimits {
  std::size_t header_bytes = 16 * 1024;
  std::size_t uri_bytes = 8 * 1024;
  std::size_t body_bytes = 64 * 1024;
};

// The reading side of HTTP/1.1 (RFC 9112) without a socket. Whatever two readers could understand in two
// ways is refused: Content-Length beside Transfer-Encoding, transfer codings other than chunked, folded
// header lines, a missing or second Host. Trailers are read and dropped.
//
// Use: copy bytes into `space`, tell `filled`, call `parse` until it wants more bytes; after `complete` and
// the answer, `next`. Not thread-safe.
class RequestReader {
 public:
  explicit RequestReader(const ReadLimits& limits);
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;
  ~RequestReader();

  enum class Progress : std::uint8_t { needs_header, needs_body, complete, failed };

  // Where the next bytes go; never empty while `parse` wants more.
  std::span<char> space();
  void filled(std::size_t bytes);

  // Reads on. On `complete` the request is whole; its header views live until `next`. On `failed` the
  // request holds what was understood, and the connection cannot go on.
  Progress parse(Request& request);

  // With `failed`: bad_request, body_too_large, uri_too_long or headers_too_large.
  base::ErrorCode error() const;
  // Whether any byte of the current request has come.
  bool started() const;
  // With `needs_body`, true once: the client waits for "100 Continue" before it sends the body.
  bool take_expectation();
  // With `complete`: what the request says about the connection.
  bool keep_alive() const;
  bool is_http_1_0() const;

  // Forgets the request, wipes its bytes and goes on with what has come behind it.
  void next();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace latchkey::http

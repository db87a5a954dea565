// A small blocking HTTP/1.1 client: for tests and for looking at servers from outside.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace latchkey::http {

struct ClientRequest {
  std::string method = "GET";
  std::string target = "/";
  std::vector<std::pair<std::string, std::string>> headers =
      {};  // Host and Content-Length come by themselves
  std::string body = {};
};

struct ClientResponse {
  std::uint16_t status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  // The first header with that name in any case.
  std::optional<std::string_view> find_header(std::string_view name) const;
};

// Where to connect. With TLS, `trusted_certificate` is the PEM file of the only authority that is trusted;
// empty: any certificate is.
struct ClientTarget {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  bool tls = false;
  std::string trusted_certificate = {};
};

// One connection, used for one request after the other. Not thread-safe. Every call ends within the
// timeout; failures are `request_timeout` or `bad_request` with a detail in words.
class Client {
 public:
  // Connects.
  static base::Result<Client> connect(const ClientTarget& target, std::chrono::milliseconds timeout);
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  ~Client();

  base::Result<ClientResponse> call(const ClientRequest& request);

  // For attacks and broken peers: bytes as they are.
  base::Result<void> send_raw(std::string_view bytes);
  // Reads one response; with `head` none of its body.
  base::Result<ClientResponse> receive(bool head = false);
  // Reads until the other side closes, or fails with request_timeout; a reset counts as closed.
  base::Result<std::string> receive_until_closed();
  // Tells the other side that nothing more will come.
  void end_sending();
  // The fingerprint (SHA-256, hex) of the certificate that the other side showed; empty without TLS.
  std::string peer_fingerprint() const;

 private:
  class Impl;
  explicit Client(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Connects, calls once, closes.
base::Result<ClientResponse> call_once(const ClientTarget& target, const ClientRequest& request,
                                       std::chrono::milliseconds timeout);

}  // namespace latchkey::http

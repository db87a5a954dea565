// The HTTP/1.1 server: sockets, limits, time limits, TLS; what it reads goes to the router.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/random.h"
#include "http/client_address.h"
#include "http/cors.h"
#include "http/message.h"
#include "http/router.h"

namespace latchkey::http {

// One finished answer, for access logs and metrics. The views live during the call only.
struct Observation {
  std::string_view operation_id;  // kNoOperation when nothing was found
  Method method;
  std::string_view path;
  std::uint16_t status;
  std::optional<base::ErrorCode> error;
  std::string_view error_detail;                 // for the log only
  std::chrono::steady_clock::duration duration;  // from the whole request read to the answer ready
  std::size_t bytes;                             // of the answer, headers included
  const ClientAddress& client;
  std::string_view request_id;
};

// Told of every answer, on an I/O thread: must be quick and must not block. Thread-safe.
class RequestObserver {
 public:
  virtual ~RequestObserver() = default;
  virtual void on_answer(const Observation& observation) = 0;
};

struct TlsFiles {
  std::filesystem::path certificate;  // PEM, the chain
  std::filesystem::path private_key;  // PEM
};

struct ServerSettings {
  std::string address = "127.0.0.1";  // an IP address
  std::uint16_t port = 8484;          // 0: any free one
  unsigned io_threads = 0;            // 0: as many as cores
  // Connections beyond are answered 503 at once and closed.
  std::size_t max_connections = 10'000;
  std::size_t max_header_bytes = 16 * 1024;
  std::size_t max_uri_bytes = 8 * 1024;
  std::size_t max_body_bytes = 64 * 1024;
  // How long a client may take: for the header from its first byte on (or from the accepted connection), for
  // the body, for taking the answer, and between two requests.
  std::chrono::milliseconds header_timeout{10'000};
  std::chrono::milliseconds body_timeout{20'000};
  std::chrono::milliseconds write_timeout{20'000};
  std::chrono::milliseconds idle_timeout{75'000};
  std::optional<TlsFiles> tls = {};
  CorsPolicy cors = {};
  TrustedProxies trusted_proxies = {};
};

// Serves a router on one listening socket, with its own I/O threads. Thread-safe.
class Server {
 public:
  // Keeps references: router, runtime's parts, random and observer outlive the server. Binds and listens, so
  // that the port is known; throws InfraError with a clear text when the address is taken or the
  // certificate cannot be read.
  Server(ServerSettings settings, const Router& router, const Runtime& runtime, base::Random& random,
         RequestObserver* observer = nullptr);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();  // stops

  std::uint16_t port() const;
  // "http://127.0.0.1:8484"
  std::string url() const;
  std::size_t connections() const;

  void start();
  // Accepts no more, lets requests in work finish and closes each connection after its answer; what is left
  // at the deadline is cut. Returns when all I/O threads have ended. Stop the lanes after it, not before.
  void stop(std::chrono::milliseconds deadline);
  // Takes new CORS and proxy settings for connections accepted from now on.
  void reload(CorsPolicy cors, TrustedProxies trusted_proxies);
  // Reads the certificate files again if they changed; connections accepted from now on get the new one. A
  // pair that does not fit is an error and leaves the old one in use. Called by a timer of the server as
  // well.
  base::Result<void> reload_tls();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace latchkey::http

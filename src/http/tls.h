// TLS contexts made from certificate files, and made anew when the files change.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <filesystem>
#include <memory>
#include <mutex>

#include "base/result.h"
#include "http/server.h"

namespace latchkey::http {

// Holds the context that new connections get: TLS 1.2 or newer, ALPN http/1.1, no renegotiation.
// Connections keep the one they began with alive. Thread-safe.
class SslReloader {
 public:
  // Throws InfraError when the files cannot be read or do not fit together.
  explicit SslReloader(TlsFiles files);

  std::shared_ptr<boost::asio::ssl::context> current() const;

  // Reads the files again; an error leaves the old context in use.
  base::Result<void> reload();
  // The same, but only if a file's time or size is another than when it was read.
  base::Result<void> reload_if_changed();

 private:
  struct Stamp {
    std::filesystem::file_time_type certificate_time;
    std::filesystem::file_time_type key_time;
    std::uintmax_t certificate_size = 0;
    std::uintmax_t key_size = 0;
    bool operator==(const Stamp&) const = default;
  };
  Stamp stamp() const;
  std::shared_ptr<boost::asio::ssl::context> load() const;

  const TlsFiles files_;
  mutable std::mutex mutex_;
  std::shared_ptr<boost::asio::ssl::context> current_;
  Stamp stamp_;
};

}  // namespace latchkey::http

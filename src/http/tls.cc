#include "http/tls.h"

#include <openssl/ssl.h>

#include <boost/asio/ssl.hpp>
#include <cstring>
#include <string_view>

#include "base/infra_error.h"

namespace latchkey::http {
namespace {

namespace ssl = boost::asio::ssl;

// Of the protocols that a client offers (each with its length before it), the only one spoken here.
int select_http_1_1(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                    unsigned in_size, void*) {
  constexpr std::string_view kHttp11 = "http/1.1";
  for (unsigned i = 0; i < in_size; i += 1U + in[i]) {
    if (i + 1U + in[i] > in_size) break;
    if (std::string_view(reinterpret_cast<const char*>(in + i + 1), in[i]) == kHttp11) {
      *out = in + i + 1;
      *out_size = in[i];
      return SSL_TLSEXT_ERR_OK;
    }
  }
  return SSL_TLSEXT_ERR_NOACK;
}

}  // namespace

SslReloader::SslReloader(TlsFiles files) : files_(std::move(files)), stamp_(stamp()) {
  try {
    current_ = load();
  } catch (const boost::system::system_error& error) {
    throw base::InfraError(base::ErrorCode::internal_error, "TLS: cannot use " + files_.certificate.string() +
                                                                " with " + files_.private_key.string() +
                                                                ": " + error.what());
  }
}

std::shared_ptr<ssl::context> SslReloader::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

std::shared_ptr<ssl::context> SslReloader::load() const {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  context->set_options(ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1 | ssl::context::no_compression |
                       ssl::context::single_dh_use | SSL_OP_NO_RENEGOTIATION |
                       SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context->native_handle(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(context->native_handle(), select_http_1_1, nullptr);
  context->use_certificate_chain_file(files_.certificate.string());
  context->use_private_key_file(files_.private_key.string(), ssl::context::pem);
  if (SSL_CTX_check_private_key(context->native_handle()) != 1) {
    throw boost::system::system_error(boost::asio::error::invalid_argument,
                                      "the key is not the certificate's");
  }
  return context;
}

SslReloader::Stamp SslReloader::stamp() const {
  std::error_code ignored;  // a missing file has a stamp too: the error comes from reading it
  return {std::filesystem::last_write_time(files_.certificate, ignored),
          std::filesystem::last_write_time(files_.private_key, ignored),
          std::filesystem::file_size(files_.certificate, ignored),
          std::filesystem::file_size(files_.private_key, ignored)};
}

base::Result<void> SslReloader::reload() {
  const Stamp now = stamp();
  try {
    auto fresh = load();
    const std::lock_guard lock(mutex_);
    current_ = std::move(fresh);
    stamp_ = now;
    return {};
  } catch (const boost::system::system_error& error) {
    return base::fail(base::ErrorCode::internal_error, std::string("TLS: ") + error.what());
  }
}

base::Result<void> SslReloader::reload_if_changed() {
  {
    const std::lock_guard lock(mutex_);
    if (stamp() == stamp_) return {};
  }
  return reload();
}

}  // namespace latchkey::http

#include "http/client.h"

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include "http/message.h"

namespace latchkey::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

base::Error error_of(const error_code& error) {
  const bool late = error == asio::error::timed_out;
  return {.code = late ? base::ErrorCode::request_timeout : base::ErrorCode::bad_request,
          .detail = error.message()};
}

}  // namespace

std::optional<std::string_view> ClientResponse::find_header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (equal_ignoring_case(key, name)) return value;
  }
  return std::nullopt;
}

// Every operation is started asynchronously and run to its end or to the timeout.
class Client::Impl {
 public:
  Impl(ClientTarget target, std::chrono::milliseconds timeout)
      : target_(std::move(target)), timeout_(timeout) {
    if (!target_.trusted_certificate.empty()) {
      tls_.load_verify_file(target_.trusted_certificate);
      tls_.set_verify_mode(asio::ssl::verify_peer);
    }
  }

  error_code connect() {
    error_code error;
    tcp::resolver resolver(context_);
    const auto endpoints = resolver.resolve(target_.host, std::to_string(target_.port), error);
    if (error) return error;
    error = run([&](auto done) {
      asio::async_connect(stream_.next_layer(), endpoints,
                          [done](error_code result, const tcp::endpoint&) { done(result, 0); });
    });
    if (error || !target_.tls) return error;
    SSL_ctrl(stream_.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(target_.host.c_str()));
    return run([&](auto done) {
      stream_.async_handshake(asio::ssl::stream_base::client, [done](error_code result) { done(result, 0); });
    });
  }

  error_code send(std::string_view bytes) {
    return run([&](auto done) {
      with_stream([&](auto& stream) { asio::async_write(stream, asio::buffer(bytes), done); });
    });
  }

  error_code receive(beast::http::response_parser<beast::http::string_body>& parser) {
    return run([&](auto done) {
      with_stream([&](auto& stream) { beast::http::async_read(stream, buffer_, parser, done); });
    });
  }

  error_code receive_rest(std::string& out) {
    const auto seen = buffer_.data();
    out.assign(static_cast<const char*>(seen.data()), seen.size());
    buffer_.consume(seen.size());
    return run([&](auto done) {
      with_stream([&](auto& stream) { asio::async_read(stream, asio::dynamic_buffer(out), done); });
    });
  }

  void end_sending() {
    error_code ignored;
    stream_.next_layer().shutdown(tcp::socket::shutdown_send, ignored);
  }

  std::string fingerprint() {
    X509* const certificate = SSL_get1_peer_certificate(stream_.native_handle());
    if (certificate == nullptr) return {};
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    X509_digest(certificate, EVP_sha256(), digest.data(), &size);
    X509_free(certificate);
    std::string hex;
    for (unsigned i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
    return hex;
  }

  const ClientTarget& target() const { return target_; }

 private:
  template <class F>
  void with_stream(F&& f) {
    if (target_.tls) {
      f(stream_);
    } else {
      f(stream_.next_layer());
    }
  }

  template <class Start>
  error_code run(Start&& start) {
    error_code result = asio::error::timed_out;
    bool ended = false;
    start([&](error_code error, std::size_t) {
      result = error;
      ended = true;
    });
    context_.restart();
    context_.run_for(timeout_);
    if (!ended) {
      // Nothing may refer to this frame any more: cancel, and wait for the handler.
      error_code ignored;
      stream_.next_layer().close(ignored);
      context_.restart();
      context_.run();
      result = asio::error::timed_out;
    }
    return result;
  }

  const ClientTarget target_;
  const std::chrono::milliseconds timeout_;
  asio::io_context context_{1};
  asio::ssl::context tls_{asio::ssl::context::tls_client};
  asio::ssl::stream<tcp::socket> stream_{context_, tls_};
  beast::flat_buffer buffer_;
};

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

base::Result<Client> Client::connect(const ClientTarget& target, std::chrono::milliseconds timeout) {
  auto impl = std::make_unique<Impl>(target, timeout);
  if (const error_code error = impl->connect()) return base::fail(error_of(error));
  return Client(std::move(impl));
}

base::Result<ClientResponse> Client::call(const ClientRequest& request) {
  const ClientTarget& target = impl_->target();
  const std::string host = target.host.find(':') == std::string::npos ? target.host : "[" + target.host + "]";
  std::string text =
      fmt::format("{} {} HTTP/1.1\r\nHost: {}:{}\r\n", request.method, request.target, host, target.port);
  for (const auto& [name, value] : request.headers) text += fmt::format("{}: {}\r\n", name, value);
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT" ||
      request.method == "PATCH") {
    text += fmt::format("Content-Length: {}\r\n", request.body.size());
  }
  text += "\r\n" + request.body;
  if (auto sent = send_raw(text); !sent) return base::fail(std::move(sent).error());
  return receive(request.method == "HEAD");
}

base::Result<void> Client::send_raw(std::string_view bytes) {
  if (const error_code error = impl_->send(bytes)) return base::fail(error_of(error));
  return {};
}

base::Result<ClientResponse> Client::receive(bool head) {
  beast::http::response_parser<beast::http::string_body> parser;
  parser.skip(head);
  if (const error_code error = impl_->receive(parser)) return base::fail(error_of(error));
  ClientResponse response;
  response.status = static_cast<std::uint16_t>(parser.get().result_int());
  for (const auto& field : parser.get()) {
    response.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  }
  response.body = std::move(parser.get().body());
  return response;
}

base::Result<std::string> Client::receive_until_closed() {
  std::string out;
  const error_code error = impl_->receive_rest(out);
  if (error == asio::error::timed_out) return base::fail(error_of(error));
  return out;
}

void Client::end_sending() { impl_->end_sending(); }
std::string Client::peer_fingerprint() const { return impl_->fingerprint(); }

base::Result<ClientResponse> call_once(const ClientTarget& target, const ClientRequest& request,
                                       std::chrono::milliseconds timeout) {
  auto client = Client::connect(target, timeout);
  if (!client) return base::fail(std::move(client).error());
  return client->call(request);
}

}  // namespace latchkey::http

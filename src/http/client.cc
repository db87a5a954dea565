#include "http/client.h"

#include <fmt/format.h>
#include <netdb.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <condition_variable>
#include <ctime>
#include <mutex>
#include <thread>

#include "http/message.h"

namespace latchkey::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;
using Stage = ClientFailure::Stage;
using Kind = ClientFailure::Kind;

namespace {

constexpr std::size_t kMaxNames = 20;
constexpr std::size_t kMaxAddresses = 16;
constexpr std::size_t kBufferRoom = 128 * 1024;  // beside the header: what one read may bring
constexpr int kMaxInterimAnswers = 8;            // 100, 103

base::Error error_of(const error_code& error) {
  const bool late = error == asio::error::timed_out;
  return {.code = late ? base::ErrorCode::request_timeout : base::ErrorCode::bad_request,
          .detail = error.message()};
}

Kind kind_of(const error_code& error) {
  if (error == asio::error::timed_out) return Kind::timed_out;
  if (error == asio::error::connection_refused) return Kind::refused;
  if (error == asio::error::host_unreachable || error == asio::error::network_unreachable ||
      error == asio::error::network_down) {
    return Kind::unreachable;
  }
  if (error == asio::error::eof || error == asio::error::connection_reset ||
      error == asio::error::broken_pipe || error == asio::error::connection_aborted ||
      error == asio::ssl::error::stream_truncated || error == beast::http::error::end_of_stream ||
      error == beast::http::error::partial_message) {
    return Kind::closed;
  }
  if (error == beast::http::error::header_limit || error == beast::http::error::body_limit ||
      error == beast::http::error::buffer_overflow) {
    return Kind::too_large;
  }
  if (error.category() == asio::error::get_ssl_category()) return Kind::tls;
  if (error.category() == beast::http::make_error_code(beast::http::error::bad_version).category()) {
    return Kind::malformed;
  }
  return Kind::other;
}

ClientFailure failure_of(Stage stage, const error_code& error) {
  return {.stage = stage, .kind = kind_of(error), .text = error.message()};
}

// Where Linux distributions keep the authorities they trust, besides where OpenSSL was told to look.
constexpr std::array kTrustFiles = {
    "/etc/ssl/certs/ca-certificates.crt",  // Debian, Arch, Gentoo
    "/etc/pki/tls/certs/ca-bundle.crt",    // Fedora, Red Hat
    "/etc/ssl/ca-bundle.pem",              // openSUSE
    "/etc/ssl/cert.pem",                   // Alpine
};

// Whether there is any authority now.
bool load_system_trust(SSL_CTX* context) {
  SSL_CTX_set_default_verify_paths(context);
  X509_STORE* const store = SSL_CTX_get_cert_store(context);
  for (const char* file : kTrustFiles) {
    if (SSL_CTX_load_verify_file(context, file) == 1) break;
  }
  ERR_clear_error();
  const STACK_OF(X509_OBJECT)* const objects = X509_STORE_get0_objects(store);
  return sk_X509_OBJECT_num(objects) > 0;
}

std::string name_text(const X509_NAME* name) {
  BIO* const memory = BIO_new(BIO_s_mem());
  if (memory == nullptr) return {};
  X509_NAME_print_ex(memory, name, 0, XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB));
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(memory);
  return text;
}

base::Timestamp time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return base::from_unix_seconds(timegm(&parts));
}

std::vector<std::string> names_of(X509* certificate) {
  std::vector<std::string> names;
  auto* const list =
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(list) && names.size() < kMaxNames; ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(list, i);
    const ASN1_STRING* const value = name->type == GEN_DNS     ? name->d.dNSName
                                     : name->type == GEN_IPADD ? name->d.iPAddress
                                                               : nullptr;
    if (value == nullptr) continue;
    const unsigned char* const data = ASN1_STRING_get0_data(value);
    const auto size = static_cast<std::size_t>(ASN1_STRING_length(value));
    if (name->type == GEN_DNS) {
      names.emplace_back(reinterpret_cast<const char*>(data), size);
    } else if (size == 4) {
      asio::ip::address_v4::bytes_type bytes;
      std::copy_n(data, size, bytes.begin());
      names.push_back(asio::ip::address_v4(bytes).to_string());
    } else if (size == 16) {
      asio::ip::address_v6::bytes_type bytes;
      std::copy_n(data, size, bytes.begin());
      names.push_back(asio::ip::address_v6(bytes).to_string());
    }
  }
  GENERAL_NAMES_free(list);
  return names;
}

bool is_numeric(const std::string& host) {
  error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

AddressKind kind_of(const asio::ip::address_v4& address) {
  const std::uint32_t a = address.to_uint();
  const auto in = [&](std::uint32_t network, int bits) { return (a ^ network) >> (32 - bits) == 0; };
  if (in(0x7f000000, 8)) return AddressKind::loopback;
  if (in(0x0a000000, 8) || in(0xac100000, 12) || in(0xc0a80000, 16)) return AddressKind::private_network;
  if (in(0xa9fe0000, 16)) return AddressKind::link_local;
  if (in(0x64400000, 10)) return AddressKind::shared;
  if (in(0x00000000, 8) || in(0xc0000200, 24) || in(0xc6336400, 24) || in(0xcb007100, 24) ||
      in(0xc6120000, 15) || in(0xe0000000, 3)) {
    return AddressKind::reserved;
  }
  return AddressKind::public_internet;
}

AddressKind kind_of(const asio::ip::address& address) {
  if (address.is_v4()) return kind_of(address.to_v4());
  const asio::ip::address_v6 v6 = address.to_v6();
  if (v6.is_v4_mapped()) return kind_of(asio::ip::make_address_v4(asio::ip::v4_mapped, v6));
  if (v6.is_loopback()) return AddressKind::loopback;
  const auto bytes = v6.to_bytes();
  if ((bytes[0] & 0xfe) == 0xfc) return AddressKind::private_network;
  if (v6.is_link_local()) return AddressKind::link_local;
  if (v6.is_unspecified() || v6.is_multicast() ||
      (bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] == 0x0d && bytes[3] == 0xb8)) {
    return AddressKind::reserved;
  }
  return AddressKind::public_internet;
}

// A look-up that may outlast whoever waits for it: getaddrinfo cannot be stopped.
struct Lookup {
  std::string host;
  std::mutex mutex;
  std::condition_variable ended;
  bool is_over = false;
  int result = 0;
  std::vector<ResolvedAddress> addresses;
};

std::vector<ResolvedAddress> addresses_of(const addrinfo* list) {
  std::vector<ResolvedAddress> found;
  for (; list != nullptr && found.size() < kMaxAddresses; list = list->ai_next) {
    tcp::endpoint endpoint;
    if (list->ai_addrlen > endpoint.capacity()) continue;
    endpoint.resize(list->ai_addrlen);
    std::memcpy(endpoint.data(), list->ai_addr, list->ai_addrlen);
    const asio::ip::address address = endpoint.address();
    const std::string text = address.to_string();
    if (std::ranges::find(found, text, &ResolvedAddress::text) != found.end()) continue;
    found.push_back({.text = text, .kind = kind_of(address), .is_v6 = address.is_v6()});
  }
  return found;
}

void look_up(Lookup& lookup) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int result = getaddrinfo(lookup.host.c_str(), nullptr, &hints, &list);
  auto addresses = addresses_of(result == 0 ? list : nullptr);
  if (result == 0) freeaddrinfo(list);
  const std::lock_guard lock(lookup.mutex);
  lookup.result = result;
  lookup.addresses = std::move(addresses);
  lookup.is_over = true;
  lookup.ended.notify_all();
}

}  // namespace

std::optional<std::string_view> ClientResponse::find_header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (equal_ignoring_case(key, name)) return value;
  }
  return std::nullopt;
}

std::optional<AddressKind> classify_address(std::string_view numeric) {
  error_code error;
  const asio::ip::address address = asio::ip::make_address(std::string(numeric), error);
  if (error) return std::nullopt;
  return kind_of(address);
}

ClientResult<std::vector<ResolvedAddress>> resolve_host(const std::string& host,
                                                        std::chrono::milliseconds timeout) {
  error_code error;
  if (const asio::ip::address address = asio::ip::make_address(host, error); !error) {
    return std::vector<ResolvedAddress>{
        {.text = address.to_string(), .kind = kind_of(address), .is_v6 = address.is_v6()}};
  }
  const auto lookup = std::make_shared<Lookup>();
  lookup->host = host;
  std::thread([lookup] { look_up(*lookup); }).detach();
  std::unique_lock lock(lookup->mutex);
  if (!lookup->ended.wait_for(lock, timeout, [&] { return lookup->is_over; })) {
    return std::unexpected(ClientFailure{Stage::resolve, Kind::timed_out, "no answer from the name servers"});
  }
  if (lookup->result != 0 || lookup->addresses.empty()) {
    const bool unknown = lookup->result == 0 || lookup->result == EAI_NONAME || lookup->result == EAI_NODATA;
    return std::unexpected(ClientFailure{Stage::resolve, unknown ? Kind::unknown_host : Kind::other,
                                         lookup->result == 0 ? "no address" : gai_strerror(lookup->result)});
  }
  return std::move(lookup->addresses);
}

// Every operation is started asynchronously and run to its end or to the deadline.
class Client::Impl {
 public:
  // With `is_once` the timeout is for all operations together, and interim answers are passed over.
  Impl(ClientTarget target, const CallLimits& limits, bool is_once)
      : target_(std::move(target)), limits_(limits), is_once_(is_once) {
    buffer_.max_size(limits_.max_header_size + kBufferRoom);
    if (target_.tls) set_up_tls();
    stream_.emplace(context_, tls_);
    deadline_.expires_after(limits_.timeout);
  }

  std::optional<ClientFailure> connect() {
    auto addresses = resolve_host(target_.address.empty() ? target_.host : target_.address, limits_.timeout);
    if (!addresses) return std::move(addresses).error();
    std::vector<tcp::endpoint> endpoints;
    for (const ResolvedAddress& address : *addresses) {
      endpoints.emplace_back(asio::ip::make_address(address.text), target_.port);
    }
    error_code error = run([&](auto done) {
      asio::async_connect(stream_->next_layer(), endpoints,
                          [done](error_code result, const tcp::endpoint&) { done(result, 0); });
    });
    if (error) return failure_of(Stage::connect, error);
    if (!target_.tls) return std::nullopt;
    if (!is_numeric(target_.host)) {
      SSL_ctrl(stream_->native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
               const_cast<char*>(target_.host.c_str()));
    }
    error = run([&](auto done) {
      stream_->async_handshake(asio::ssl::stream_base::client,
                               [done](error_code result) { done(result, 0); });
    });
    if (error) return failure_of(Stage::handshake, error);
    return std::nullopt;
  }

  error_code send(std::string_view bytes) {
    return run([&](auto done) {
      with_stream([&](auto& stream) { asio::async_write(stream, asio::buffer(bytes), done); });
    });
  }

  // Fills `response` with what came, also when the end of the body did not.
  error_code receive(bool head, ClientResponse& response) {
    for (int interim = 0; interim <= kMaxInterimAnswers; ++interim) {
      beast::http::response_parser<beast::http::string_body> parser;
      parser.skip(head);
      parser.header_limit(static_cast<std::uint32_t>(limits_.max_header_size));
      parser.body_limit(limits_.max_body_size);
      error_code error = run([&](auto done) {
        with_stream([&](auto& stream) { beast::http::async_read(stream, buffer_, parser, done); });
      });
      // Many servers end a body that lasts until they close without saying so in TLS.
      if (error == asio::ssl::error::stream_truncated && parser.is_header_done() && parser.need_eof() &&
          !parser.chunked()) {
        error = {};
      }
      // Beast refuses a body that says it is too large before the header counts as done.
      if (!parser.is_header_done() && error != beast::http::error::body_limit) return error;
      auto& message = parser.get();
      if (!error && is_once_ && message.result_int() / 100 == 1 && message.result_int() != 101) continue;
      response.status = static_cast<std::uint16_t>(message.result_int());
      for (const auto& field : message) {
        response.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
      }
      response.body = std::move(message.body());
      return error;
    }
    return beast::http::error::bad_status;
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
    stream_->next_layer().shutdown(tcp::socket::shutdown_send, ignored);
  }

  std::string fingerprint() {
    X509* const certificate = SSL_get1_peer_certificate(stream_->native_handle());
    if (certificate == nullptr) return {};
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    X509_digest(certificate, EVP_sha256(), digest.data(), &size);
    X509_free(certificate);
    std::string hex;
    for (unsigned i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
    return hex;
  }

  std::optional<TlsPeer> tls_peer() {
    if (!target_.tls) return std::nullopt;
    SSL* const ssl = stream_->native_handle();
    X509* const certificate = SSL_get1_peer_certificate(ssl);
    if (certificate == nullptr) return std::nullopt;
    TlsPeer peer;
    peer.protocol = SSL_get_version(ssl);
    peer.has_trust_store = has_trust_store_;
    const long result = SSL_get_verify_result(ssl);
    peer.is_trusted = result == X509_V_OK;
    if (!peer.is_trusted) peer.chain_problem = X509_verify_cert_error_string(result);
    peer.is_self_signed =
        X509_NAME_cmp(X509_get_subject_name(certificate), X509_get_issuer_name(certificate)) == 0;
    const STACK_OF(X509)* const chain = SSL_get_peer_cert_chain(ssl);
    peer.chain_length = static_cast<std::size_t>(std::max(0, sk_X509_num(chain)));
    peer.matches_name =
        is_numeric(target_.host)
            ? X509_check_ip_asc(certificate, target_.host.c_str(), 0) == 1
            : X509_check_host(certificate, target_.host.data(), target_.host.size(), 0, nullptr) == 1;
    peer.names = names_of(certificate);
    peer.subject = name_text(X509_get_subject_name(certificate));
    peer.issuer = name_text(X509_get_issuer_name(certificate));
    peer.not_before = time_of(X509_get0_notBefore(certificate));
    peer.not_after = time_of(X509_get0_notAfter(certificate));
    X509_free(certificate);
    return peer;
  }

  const ClientTarget& target() const { return target_; }

 private:
  void set_up_tls() {
    if (!target_.trusted_certificate.empty()) tls_.load_verify_file(target_.trusted_certificate);
    if (!target_.reports_trust) {
      if (!target_.trusted_certificate.empty()) tls_.set_verify_mode(asio::ssl::verify_peer);
      return;
    }
    SSL_CTX* const context = tls_.native_handle();
    has_trust_store_ = load_system_trust(context);
    // The chain is checked in any case; without verify_peer the handshake does not end with it.
    tls_.set_verify_mode(asio::ssl::verify_none);
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
    constexpr std::string_view kHttp11 = "\x08http/1.1";
    SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(kHttp11.data()), kHttp11.size());
  }

  template <class F>
  void with_stream(F&& f) {
    if (target_.tls) {
      f(*stream_);
    } else {
      f(stream_->next_layer());
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
    if (!is_once_) deadline_.expires_after(limits_.timeout);
    context_.run_until(deadline_.expiry());
    if (!ended) {
      // Nothing may refer to this frame any more: cancel, and wait for the handler.
      error_code ignored;
      stream_->next_layer().close(ignored);
      context_.restart();
      context_.run();
      result = asio::error::timed_out;
    }
    return result;
  }

  const ClientTarget target_;
  const CallLimits limits_;
  const bool is_once_;
  bool has_trust_store_ = false;
  asio::io_context context_{1};
  asio::steady_timer deadline_{context_};  // never waited for: it knows when
  asio::ssl::context tls_{asio::ssl::context::tls_client};
  std::optional<asio::ssl::stream<tcp::socket>> stream_;  // always; made once the context is set up
  beast::flat_buffer buffer_;
};

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

base::Result<Client> Client::connect(const ClientTarget& target, std::chrono::milliseconds timeout) {
  // Tests ask for files of any size.
  auto impl = std::make_unique<Impl>(
      target, CallLimits{.timeout = timeout, .max_body_size = 64 * 1024 * 1024}, false);
  if (const auto failure = impl->connect()) {
    const bool late = failure->kind == Kind::timed_out;
    return base::fail(late ? base::ErrorCode::request_timeout : base::ErrorCode::bad_request, failure->text);
  }
  return Client(std::move(impl));
}

ClientResult<Client> Client::open(const ClientTarget& target, const CallLimits& limits) {
  auto impl = std::make_unique<Impl>(target, limits, true);
  if (auto failure = impl->connect()) return std::unexpected(std::move(*failure));
  return Client(std::move(impl));
}

namespace {

std::string text_of(const ClientTarget& target, const ClientRequest& request) {
  std::string host = target.host.find(':') == std::string::npos ? target.host : "[" + target.host + "]";
  if (target.port != (target.tls ? 443 : 80)) host += fmt::format(":{}", target.port);
  std::string text = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", request.method, request.target, host);
  for (const auto& [name, value] : request.headers) text += fmt::format("{}: {}\r\n", name, value);
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT" ||
      request.method == "PATCH") {
    text += fmt::format("Content-Length: {}\r\n", request.body.size());
  }
  text += "\r\n";
  text += request.body;
  return text;
}

}  // namespace

base::Result<ClientResponse> Client::call(const ClientRequest& request) {
  if (auto sent = send_raw(text_of(impl_->target(), request)); !sent)
    return base::fail(std::move(sent).error());
  return receive(request.method == "HEAD");
}

ClientResult<ClientResponse> Client::exchange(const ClientRequest& request) {
  auto sent = start(request);
  // Who refuses a request may close before it is read whole; the answer is there nevertheless.
  if (!sent && sent.error().kind != Kind::closed) return std::unexpected(std::move(sent).error());
  return finish(request.method == "HEAD");
}

ClientResult<void> Client::start(const ClientRequest& request) {
  if (const error_code error = impl_->send(text_of(impl_->target(), request))) {
    return std::unexpected(failure_of(Stage::send, error));
  }
  return {};
}

ClientResult<ClientResponse> Client::finish(bool head) {
  ClientResponse response;
  const error_code error = impl_->receive(head, response);
  if (!error) return response;
  if (response.status == 0) return std::unexpected(failure_of(Stage::receive, error));
  response.incomplete = error.message();
  return response;
}

base::Result<void> Client::send_raw(std::string_view bytes) {
  if (const error_code error = impl_->send(bytes)) return base::fail(error_of(error));
  return {};
}

base::Result<ClientResponse> Client::receive(bool head) {
  ClientResponse response;
  if (const error_code error = impl_->receive(head, response)) return base::fail(error_of(error));
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
std::optional<TlsPeer> Client::peer_tls() const { return impl_->tls_peer(); }

base::Result<ClientResponse> call_once(const ClientTarget& target, const ClientRequest& request,
                                       std::chrono::milliseconds timeout) {
  auto client = Client::connect(target, timeout);
  if (!client) return base::fail(std::move(client).error());
  return client->call(request);
}

}  // namespace latchkey::http

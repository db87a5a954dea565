// A small blocking HTTP/1.1 client: for tests and for looking at servers from outside.
//
// It trusts nobody on the other side: every wait ends by a deadline, what is kept of an answer is bounded,
// and redirects are answers like any other.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace latchkey::http {

struct ClientRequest {
  std::string method = "GET";
  std::string target = "/";
  std::vector<std::pair<std::string, std::string>> headers =
      {};  // in this order, after Host and before Content-Length, which come by themselves
  std::string body = {};
};

struct ClientResponse {
  std::uint16_t status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  // Why the body is not whole (too large, too slow, broken off): only from exchange() and finish(). Else
  // empty.
  std::string incomplete = {};

  // The first header with that name in any case.
  std::optional<std::string_view> find_header(std::string_view name) const;
};

// Where to connect. With TLS, `trusted_certificate` is the PEM file of the only authority that is trusted;
// empty: any certificate is.
struct ClientTarget {
  std::string host = "127.0.0.1";  // an IPv6 address without brackets
  std::uint16_t port = 0;
  bool tls = false;
  std::string trusted_certificate = {};
  std::string address = {};  // numeric: connects there instead of looking `host` up
  // Checks the certificate against the system's authorities and `trusted_certificate`, and goes on whatever
  // comes of it: peer_tls() says. Takes old protocols too, so that they can be seen.
  bool reports_trust = false;
};

// What a call may cost.
struct CallLimits {
  std::chrono::milliseconds timeout{10'000};  // from looking up the name to the last byte
  std::size_t max_header_size = 64 * 1024;
  std::size_t max_body_size = 1024 * 1024;  // more is cut off
};

// Where a call failed, and how.
struct ClientFailure {
  enum class Stage : std::uint8_t { resolve, connect, handshake, send, receive } stage = Stage::connect;
  enum class Kind : std::uint8_t {
    timed_out,
    unknown_host,
    refused,
    unreachable,
    closed,     // by the other side, before it was done
    tls,        // no common ground, or no TLS at all
    malformed,  // not HTTP
    too_large,  // a header beyond the limit
    other,
  } kind = Kind::other;
  std::string text;  // the library's words
};

template <class T>
using ClientResult = std::expected<T, ClientFailure>;

// What can be reached at an address, by the ranges of the IANA registries.
enum class AddressKind : std::uint8_t {
  public_internet,
  loopback,
  private_network,
  link_local,
  shared,
  reserved
};

// Nothing when the text is no numeric address (IPv4, or IPv6 without brackets).
std::optional<AddressKind> classify_address(std::string_view numeric);

struct ResolvedAddress {
  std::string text;
  AddressKind kind = AddressKind::public_internet;
  bool is_v6 = false;
};

// All addresses of a name, in the system's order of preference, each once. A numeric `host` is its own
// address.
ClientResult<std::vector<ResolvedAddress>> resolve_host(const std::string& host,
                                                        std::chrono::milliseconds timeout);

// The other side of a TLS connection.
struct TlsPeer {
  std::string protocol;         // "TLSv1.3"
  bool has_trust_store = true;  // whether there was anything to check the chain against
  bool is_trusted = false;      // the chain alone: dates and authorities, not the name
  std::string chain_problem;    // OpenSSL's words when it is not
  bool is_self_signed = false;
  std::size_t chain_length = 0;  // as sent
  bool matches_name = false;
  std::vector<std::string> names;  // DNS names and addresses it is for, at most 20
  std::string subject;
  std::string issuer;
  base::Timestamp not_before{};
  base::Timestamp not_after{};
};

// One connection, used for one request after the other. Not thread-safe. Every call ends within the
// timeout; failures are `request_timeout` or `bad_request` with a detail in words.
class Client {
 public:
  // Connects.
  static base::Result<Client> connect(const ClientTarget& target, std::chrono::milliseconds timeout);
  // Connects; from here on `limits` hold, and their timeout is for all that is done with the connection.
  static ClientResult<Client> open(const ClientTarget& target, const CallLimits& limits);
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  ~Client();

  base::Result<ClientResponse> call(const ClientRequest& request);
  // As call, and says where it failed. An answer of which at least the header came is an answer.
  ClientResult<ClientResponse> exchange(const ClientRequest& request);
  // The two halves of exchange, for requests that are to be under way at the same time.
  ClientResult<void> start(const ClientRequest& request);
  ClientResult<ClientResponse> finish(bool head = false);

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
  // Nothing without TLS.
  std::optional<TlsPeer> peer_tls() const;

 private:
  class Impl;
  explicit Client(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Connects, calls once, closes.
base::Result<ClientResponse> call_once(const ClientTarget& target, const ClientRequest& request,
                                       std::chrono::milliseconds timeout);

}  // namespace latchkey::http

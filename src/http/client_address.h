// Who is calling: the address of the peer, or the one that a trusted proxy names for it.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::http {

struct HeaderView;

// An IPv4 or IPv6 address. IPv4-mapped IPv6 addresses (::ffff:192.0.2.1) are IPv4: one client, one value.
class ClientAddress {
 public:
  ClientAddress() = default;  // 0.0.0.0
  explicit ClientAddress(std::array<std::uint8_t, 4> v4);
  explicit ClientAddress(const std::array<std::uint8_t, 16>& v6);
  // The textual forms of RFC 4291 and dotted IPv4; no port, no brackets, no zone.
  static std::optional<ClientAddress> parse(std::string_view text);

  bool is_v4() const;
  std::string to_string() const;
  // The part that rate limits count by, as opaque bytes: an IPv4 address whole, of an IPv6 address the /64,
  // because one household or server owns at least that.
  std::string limit_key() const;
  // 16 bytes; IPv4 in its mapped form.
  const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }

  auto operator<=>(const ClientAddress&) const = default;

 private:
  std::array<std::uint8_t, 16> bytes_{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0};
};

// A range of addresses such as 10.0.0.0/8, 2001:db8::/32, or one address.
class AddressRange {
 public:
  static std::optional<AddressRange> parse(std::string_view text);
  bool contains(const ClientAddress& address) const;

 private:
  AddressRange(ClientAddress first, unsigned bits) : first_(first), bits_(bits) {}
  ClientAddress first_;
  unsigned bits_;  // of the 128 of the mapped form
};

// The proxies whose word about the client counts. Immutable, so safe to share between threads.
class TrustedProxies {
 public:
  TrustedProxies() = default;  // nobody: the peer is the client
  explicit TrustedProxies(std::vector<AddressRange> ranges) : ranges_(std::move(ranges)) {}

  bool trusts(const ClientAddress& address) const;
  // The client behind `peer`. When the peer is trusted, `Forwarded` (RFC 7239) or `X-Forwarded-For` is read
  // from the right, past every trusted proxy, to the first address that is not: what stands further left
  // could have been written by anyone. A hop that cannot be read ends the walk at the address to its right.
  // When both headers are there and disagree, the client wrote one of them and the proxy the other, so
  // neither counts: the answer is the peer.
  ClientAddress find_client(const ClientAddress& peer, std::span<const HeaderView> headers) const;

 private:
  std::vector<AddressRange> ranges_;
};

}  // namespace latchkey::http

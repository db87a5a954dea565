#include "http/client_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "http/message.h"

namespace latchkey::http {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Cuts `text` at every `separator` that does not stand in a quoted string (RFC 9110 §5.6.4).
std::vector<std::string_view> split_outside_quotes(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  std::size_t start = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (text[i] == separator && !quoted) {
      parts.push_back(trim(text.substr(start, i - start)));
      start = i + 1;
    }
  }
  parts.push_back(trim(text.substr(start)));
  return parts;
}

// "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:80".
std::optional<ClientAddress> parse_node(std::string_view node) {
  if (node.size() >= 2 && node.front() == '"' && node.back() == '"') node = node.substr(1, node.size() - 2);
  if (node.starts_with('[')) {
    const std::size_t end = node.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view rest = node.substr(end + 1);
    if (!rest.empty() && !rest.starts_with(':')) return std::nullopt;
    return ClientAddress::parse(node.substr(1, end - 1));
  }
  if (std::count(node.begin(), node.end(), ':') == 1) node = node.substr(0, node.find(':'));
  return ClientAddress::parse(node);
}

// The node of one element of a Forwarded header; an element without `for` cannot be read.
std::optional<ClientAddress> parse_forwarded_element(std::string_view element) {
  for (const std::string_view pair : split_outside_quotes(element, ';')) {
    if (pair.size() > 4 && equal_ignoring_case(pair.substr(0, 4), "for=")) return parse_node(pair.substr(4));
  }
  return std::nullopt;
}

using Hops = std::vector<std::optional<ClientAddress>>;

Hops read_hops(std::span<const HeaderView> headers, std::string_view name,
               std::optional<ClientAddress> (*parse)(std::string_view)) {
  Hops hops;
  for (const HeaderView& header : headers) {
    if (!equal_ignoring_case(header.name, name)) continue;
    for (const std::string_view element : split_outside_quotes(header.value, ',')) {
      if (!element.empty()) hops.push_back(parse(element));
    }
  }
  return hops;
}

}  // namespace

ClientAddress::ClientAddress(std::array<std::uint8_t, 4> v4) {
  std::copy(v4.begin(), v4.end(), bytes_.begin() + 12);
}
ClientAddress::ClientAddress(const std::array<std::uint8_t, 16>& v6) : bytes_(v6) {}

std::optional<ClientAddress> ClientAddress::parse(std::string_view text) {
  char terminated[INET6_ADDRSTRLEN + 1] = {};
  if (text.empty() || text.size() > INET6_ADDRSTRLEN) return std::nullopt;
  std::memcpy(terminated, text.data(), text.size());
  if (std::strlen(terminated) != text.size()) return std::nullopt;
  std::array<std::uint8_t, 4> v4{};
  if (inet_pton(AF_INET, terminated, v4.data()) == 1) return ClientAddress(v4);
  std::array<std::uint8_t, 16> v6{};
  if (inet_pton(AF_INET6, terminated, v6.data()) == 1) return ClientAddress(v6);
  return std::nullopt;
}

bool ClientAddress::is_v4() const {
  return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes_.begin());
}

std::string ClientAddress::to_string() const {
  char text[INET6_ADDRSTRLEN];
  if (is_v4()) return inet_ntop(AF_INET, bytes_.data() + 12, text, sizeof text);
  return inet_ntop(AF_INET6, bytes_.data(), text, sizeof text);
}

std::string ClientAddress::limit_key() const {
  const auto part = is_v4() ? std::span(bytes_).subspan(12) : std::span(bytes_).first(8);
  std::string key = "a";
  key.append(part.begin(), part.end());
  return key;
}

std::optional<AddressRange> AddressRange::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = ClientAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  const bool v4_form = text.substr(0, slash).find(':') == std::string_view::npos;
  const unsigned most = v4_form ? 32 : 128;
  unsigned bits = most;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (digits.empty() || error != std::errc() || end != digits.data() + digits.size() || bits > most) {
      return std::nullopt;
    }
  }
  return AddressRange(*address, v4_form ? 96 + bits : bits);
}

bool AddressRange::contains(const ClientAddress& address) const {
  for (unsigned bit = 0; bit < bits_; bit += 8) {
    const unsigned differing = first_.bytes()[bit / 8] ^ address.bytes()[bit / 8];
    const unsigned left = bits_ - bit;
    if ((left >= 8 ? differing : differing >> (8 - left)) != 0) return false;
  }
  return true;
}

bool TrustedProxies::trusts(const ClientAddress& address) const {
  return std::any_of(ranges_.begin(), ranges_.end(),
                     [&](const AddressRange& range) { return range.contains(address); });
}

ClientAddress TrustedProxies::find_client(const ClientAddress& peer,
                                          std::span<const HeaderView> headers) const {
  if (!trusts(peer)) return peer;
  const auto walk = [&](const Hops& hops) {
    ClientAddress current = peer;
    for (auto hop = hops.rbegin(); hop != hops.rend() && hop->has_value() && trusts(current); ++hop) {
      current = **hop;
    }
    return current;
  };
  const Hops forwarded = read_hops(headers, "forwarded", parse_forwarded_element);
  const Hops x_forwarded_for = read_hops(headers, "x-forwarded-for", parse_node);
  if (x_forwarded_for.empty()) return walk(forwarded);
  const ClientAddress client = walk(x_forwarded_for);
  if (!forwarded.empty() && walk(forwarded) != client) return peer;
  return client;
}

}  // namespace latchkey::http

// Fuzzes the Forwarded and X-Forwarded-For headers. Whatever they say, the client is the peer unless the peer
// is trusted, and a client that is found reads back as itself.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "http/client_address.h"
#include "http/message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace http = latchkey::http;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view first = text.substr(0, text.find('\n'));
  const std::string_view second = text.substr(std::min(text.size(), first.size() + 1));
  const std::array<http::HeaderView, 2> headers = {
      {{size % 2 == 0 ? "Forwarded" : "X-Forwarded-For", first}, {"X-Forwarded-For", second}}};
  const auto peer = *http::ClientAddress::parse("10.1.2.3");
  if (http::TrustedProxies().find_client(peer, headers) != peer) std::abort();
  const http::TrustedProxies proxies({*http::AddressRange::parse("10.0.0.0/8")});
  const auto client = proxies.find_client(peer, headers);
  if (http::ClientAddress::parse(client.to_string()) != client) std::abort();
  if (const auto range = http::AddressRange::parse(first)) static_cast<void>(range->contains(peer));
  return 0;
}

#include "doctor/project/hosts.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "flutterflow/project/lookup.h"

namespace latchkey::doctor {
namespace {

bool is_private_ipv4(std::string_view host) {
  std::array<unsigned, 4> parts{};
  const char* at = host.data();
  const char* const end = host.data() + host.size();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto [next, error] = std::from_chars(at, end, parts[i]);
    if (error != std::errc() || parts[i] > 255) return false;
    at = next;
    if (i < 3) {
      if (at == end || *at != '.') return false;
      ++at;
    }
  }
  if (at != end) return false;
  return parts[0] == 10 || parts[0] == 127 || parts[0] == 0 ||
         (parts[0] == 172 && parts[1] >= 16 && parts[1] < 32) || (parts[0] == 192 && parts[1] == 168) ||
         (parts[0] == 169 && parts[1] == 254);
}

}  // namespace

std::string host_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  if (const std::size_t at = url.rfind('@'); at != std::string_view::npos) url.remove_prefix(at + 1);
  if (url.starts_with('[')) return std::string(url.substr(1, url.find(']') - 1));
  return flutterflow::lower(url.substr(0, url.find(':')));
}

bool is_dev_host(std::string_view host) {
  static constexpr std::array<std::string_view, 14> kTunnels = {
      "ngrok.io", "ngrok.app",      "ngrok-free.app",    "ngrok-free.dev", "ngrok.dev",
      "loca.lt",  "localtunnel.me", "trycloudflare.com", "serveo.net",     "localhost.run",
      "lhr.life", "devtunnels.ms",  "tunnelmole.net",    "pagekite.me"};
  if (host == "localhost" || host.ends_with(".localhost") || host.ends_with(".local") || host == "::1")
    return true;
  if (is_private_ipv4(host)) return true;
  return std::ranges::any_of(kTunnels, [&](std::string_view tunnel) {
    return host == tunnel || (host.ends_with(tunnel) && host[host.size() - tunnel.size() - 1] == '.');
  });
}

}  // namespace latchkey::doctor

#include "http/cors.h"

#include <algorithm>

namespace latchkey::http {
namespace {

constexpr std::string_view kAnyOrigin =
    "Access-Control-Allow-Origin: *\r\n"
    "Access-Control-Expose-Headers: Retry-After, X-Request-Id\r\n";
constexpr std::string_view kPreflight =
    "Access-Control-Allow-Methods: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n"
    "Access-Control-Max-Age: 7200\r\n";
constexpr std::string_view kUsualHeaders = "Authorization, Content-Type, apikey, X-Client-Info";

bool is_token_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

// A list of tokens with commas and blanks and nothing else, so it can be repeated in a header as it is.
bool is_token_list(std::string_view text) {
  return !text.empty() && text.size() <= 2048 && std::all_of(text.begin(), text.end(), [](char c) {
    return is_token_character(c) || c == ',' || c == ' ';
  });
}

bool is_host_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '.';
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// "example.com", "localhost:3000", "[::1]:3000".
bool is_authority(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return is_host_character(c) || c == ':' || c == '[' || c == ']' || c == '_';
  });
}

}  // namespace

std::optional<CorsPolicy> CorsPolicy::parse(std::span<const std::string> origins) {
  CorsPolicy policy;
  bool any = false;
  for (const std::string& entry : origins) {
    if (entry == "*") {
      any = true;
      continue;
    }
    const std::string text = lower_case(entry);
    const std::size_t scheme_end = text.find("://");
    if (scheme_end == std::string::npos || scheme_end == 0) return std::nullopt;
    Origin origin{.prefix = text.substr(0, scheme_end + 3), .suffix = text.substr(scheme_end + 3)};
    if (origin.suffix.starts_with("*.")) {
      origin.suffix.erase(0, 1);
      if (!is_authority(std::string_view(origin.suffix).substr(1))) return std::nullopt;
    } else {
      if (!is_authority(origin.suffix)) return std::nullopt;
      origin.prefix += origin.suffix;
      origin.suffix.clear();
    }
    policy.allowed_.push_back(std::move(origin));
  }
  if (any) policy.allowed_.clear();
  policy.any_ = any;
  return policy;
}

bool CorsPolicy::allows(std::string_view origin) const {
  if (any_) return true;
  const std::string text = lower_case(origin);
  return std::any_of(allowed_.begin(), allowed_.end(), [&](const Origin& allowed) {
    if (allowed.suffix.empty()) return text == allowed.prefix;
    if (text.size() <= allowed.prefix.size() + allowed.suffix.size() || !text.starts_with(allowed.prefix) ||
        !text.ends_with(allowed.suffix)) {
      return false;
    }
    const std::string_view labels = std::string_view(text).substr(
        allowed.prefix.size(), text.size() - allowed.prefix.size() - allowed.suffix.size());
    return std::all_of(labels.begin(), labels.end(), is_host_character) && !labels.starts_with('.') &&
           !labels.ends_with('.');
  });
}

void CorsPolicy::append_headers(const Request& request, std::string& out) const {
  if (any_) {
    out += kAnyOrigin;
    return;
  }
  out += "Vary: Origin\r\n";
  const auto origin = request.find_header("origin");
  if (!origin || !allows(*origin)) return;
  out += "Access-Control-Allow-Origin: ";
  out += *origin;
  out += "\r\nAccess-Control-Expose-Headers: Retry-After, X-Request-Id\r\n";
}

void CorsPolicy::append_preflight_headers(const Request& request, std::string& out) const {
  append_headers(request, out);
  out += kPreflight;
  const auto wanted = request.find_header("access-control-request-headers");
  out += "Access-Control-Allow-Headers: ";
  out += wanted && is_token_list(*wanted) ? *wanted : kUsualHeaders;
  out += "\r\n";
}

}  // namespace latchkey::http

#include "config/values.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <span>
#include <utility>

namespace latchkey::config {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};
// From large to small, so that the first that divides a value is the one to write it in.
constexpr Unit kDurationUnits[] = {
    {"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}};
constexpr Unit kSizeUnits[] = {{"GiB", 1ULL << 30}, {"MiB", 1ULL << 20}, {"KiB", 1ULL << 10}, {"B", 1}};

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// "30s" with the table above is 30,000; a bare "0" needs no unit. Nothing when it is not that or overflows.
std::optional<std::uint64_t> parse_quantity(std::string_view text, std::span<const Unit> units) {
  if (text == "0") return 0;
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = parse_number<std::uint64_t>(text.substr(0, digits));
  const auto unit = std::ranges::find(units, text.substr(digits), &Unit::name);
  if (!number || unit == units.end()) return std::nullopt;
  if (*number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / unit->factor)
    return std::nullopt;
  return *number * unit->factor;
}

std::string quantity_text(std::uint64_t value, std::span<const Unit> units) {
  for (const Unit& unit : units) {
    if (value != 0 && value % unit.factor == 0) return std::to_string(value / unit.factor).append(unit.name);
  }
  return "0";
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

// The bytes of an IP address: 4, 16, or none when it is not one.
std::vector<unsigned char> address_bytes(const std::string& text) {
  std::vector<unsigned char> bytes(16);
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return bytes;
  bytes.resize(4);
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) return bytes;
  return {};
}

std::optional<std::uint16_t> parse_port(std::string_view text) { return parse_number<std::uint16_t>(text); }

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

// "host", "host:8080", "[::1]:8080", already in lower case.
bool is_authority(std::string_view text) {
  std::string_view host = text;
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return false;
    if (address_bytes(std::string(text.substr(1, end - 1))).size() != 16) return false;
    rest = text.substr(end + 1);
  } else {
    host = text.substr(0, text.find(':'));
    rest = text.substr(host.size());
    if (host.empty() || host.front() == '.' || !std::ranges::all_of(host, is_host_character)) return false;
  }
  return rest.empty() || (rest.front() == ':' && parse_port(rest.substr(1)).value_or(0) != 0);
}

template <class E>
struct Word {
  std::string_view word;
  E value;
};

template <class E, std::size_t N>
Parsed<E> parse_word(const Word<E> (&words)[N], std::string_view text, std::string_view form) {
  for (const Word<E>& entry : words) {
    if (entry.word == text) return entry.value;
  }
  return std::unexpected(std::string(form));
}

template <class E, std::size_t N>
std::string word_text(const Word<E> (&words)[N], E value) {
  for (const Word<E>& entry : words) {
    if (entry.value == value) return std::string(entry.word);
  }
  return {};
}

constexpr Word<bool> kBooleans[] = {{"true", true}, {"false", false}};
constexpr Word<KeyAlgorithm> kAlgorithms[] = {{"ES256", KeyAlgorithm::es256},
                                              {"EdDSA", KeyAlgorithm::eddsa},
                                              {"RS256", KeyAlgorithm::rs256},
                                              {"HS256", KeyAlgorithm::hs256}};
constexpr Word<AppPage> kAppPages[] = {{"login", AppPage::login},
                                       {"signup", AppPage::signup},
                                       {"home", AppPage::home},
                                       {"account", AppPage::account}};
constexpr Word<AppNavigation> kAppNavigation[] = {{"automatic", AppNavigation::automatic},
                                                  {"manual", AppNavigation::manual}};
constexpr Word<ExistingAccount> kExistingAccount[] = {{"error", ExistingAccount::error},
                                                      {"silent", ExistingAccount::silent}};
constexpr Word<RequestLog> kRequestLog[] = {
    {"changes", RequestLog::changes}, {"all", RequestLog::all}, {"errors", RequestLog::errors}};
constexpr Word<base::LogLevel> kLogLevels[] = {{"debug", base::LogLevel::debug},
                                               {"info", base::LogLevel::info},
                                               {"notice", base::LogLevel::notice},
                                               {"warn", base::LogLevel::warn},
                                               {"error", base::LogLevel::error}};
constexpr Word<base::LogFormat> kLogFormats[] = {{"auto", base::LogFormat::automatic},
                                                 {"pretty", base::LogFormat::pretty},
                                                 {"json", base::LogFormat::json}};

}  // namespace

bool SocketAddress::is_loopback() const {
  return host == "::1" || (host.starts_with("127.") && host.find(':') == std::string::npos);
}

std::string SocketAddress::text() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

#define LK_WORD_CODEC(type, words, form)                                                                  \
  const std::string_view Codec<type>::kForm = form;                                                       \
  Parsed<type> Codec<type>::parse(std::string_view text) { return parse_word<type>(words, text, kForm); } \
  std::string Codec<type>::text(const type& value) { return word_text<type>(words, value); }
LK_WORD_CODEC(bool, kBooleans, "true or false")
LK_WORD_CODEC(KeyAlgorithm, kAlgorithms, "ES256, EdDSA, RS256 or HS256")
LK_WORD_CODEC(AppPage, kAppPages, "login, signup, home or account")
LK_WORD_CODEC(AppNavigation, kAppNavigation, "automatic or manual")
LK_WORD_CODEC(ExistingAccount, kExistingAccount, "error or silent")
LK_WORD_CODEC(RequestLog, kRequestLog, "changes, all or errors")
LK_WORD_CODEC(base::LogLevel, kLogLevels, "debug, info, notice, warn or error")
LK_WORD_CODEC(base::LogFormat, kLogFormats, "auto, pretty or json")
#undef LK_WORD_CODEC

const std::string_view Codec<std::uint32_t>::kForm = "a whole number";
Parsed<std::uint32_t> Codec<std::uint32_t>::parse(std::string_view text) {
  if (const auto number = parse_number<std::uint32_t>(text)) return *number;
  return std::unexpected(std::string(kForm));
}
std::string Codec<std::uint32_t>::text(const std::uint32_t& value) { return std::to_string(value); }

const std::string_view Codec<ByteSize>::kForm = "a size in B, KiB, MiB or GiB, such as 256KiB";
Parsed<ByteSize> Codec<ByteSize>::parse(std::string_view text) {
  if (const auto bytes = parse_quantity(text, kSizeUnits)) return ByteSize{*bytes};
  return std::unexpected(std::string(kForm));
}
std::string Codec<ByteSize>::text(const ByteSize& value) { return quantity_text(value.bytes, kSizeUnits); }

const std::string_view Codec<base::Milliseconds>::kForm = "a time in ms, s, m, h or d, such as 500ms or 30s";
Parsed<base::Milliseconds> Codec<base::Milliseconds>::parse(std::string_view text) {
  if (const auto ms = parse_quantity(text, kDurationUnits))
    return base::Milliseconds(static_cast<std::int64_t>(*ms));
  return std::unexpected(std::string(kForm));
}
std::string Codec<base::Milliseconds>::text(const base::Milliseconds& value) {
  return quantity_text(static_cast<std::uint64_t>(value.count()), kDurationUnits);
}

const std::string_view Codec<base::Seconds>::kForm = "a time in s, m, h or d, such as 30s, 1h or 30d";
Parsed<base::Seconds> Codec<base::Seconds>::parse(std::string_view text) {
  const auto ms = parse_quantity(text, kDurationUnits);
  if (ms && *ms % 1000 == 0) return base::Seconds(static_cast<std::int64_t>(*ms / 1000));
  return std::unexpected(std::string(kForm));
}
std::string Codec<base::Seconds>::text(const base::Seconds& value) {
  return Codec<base::Milliseconds>::text(value);
}

const std::string_view Codec<Rate>::kForm = "a number and a time from 1s to 1d, such as 30/5m";
Parsed<Rate> Codec<Rate>::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos) {
    const auto count = parse_number<std::uint32_t>(text.substr(0, slash));
    const auto per = Codec<base::Seconds>::parse(text.substr(slash + 1));
    if (count && *count > 0 && per && *per >= base::Seconds(1) && *per <= std::chrono::days(1))
      return Rate{*count, *per};
  }
  return std::unexpected(std::string(kForm));
}
std::string Codec<Rate>::text(const Rate& value) {
  return std::to_string(value.count) + "/" + Codec<base::Seconds>::text(value.per);
}

const std::string_view Codec<SocketAddress>::kForm =
    "an IP address and a port, such as 127.0.0.1:8484, 0.0.0.0:80 or [::]:8484";
Parsed<SocketAddress> Codec<SocketAddress>::parse(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon != std::string_view::npos) {
    std::string host(text.substr(0, colon));
    const auto port = parse_port(text.substr(colon + 1));
    if (host == "localhost") host = "127.0.0.1";
    const bool in_brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (in_brackets) host = host.substr(1, host.size() - 2);
    const std::size_t size = address_bytes(host).size();
    if (port && size == (in_brackets ? 16u : 4u)) return SocketAddress{std::move(host), *port};
  }
  return std::unexpected(std::string(kForm));
}
std::string Codec<SocketAddress>::text(const SocketAddress& value) { return value.text(); }

const std::string_view Codec<std::optional<SocketAddress>>::kForm =
    "empty, or an IP address and a port, such as 127.0.0.1:9090";
Parsed<std::optional<SocketAddress>> Codec<std::optional<SocketAddress>>::parse(std::string_view text) {
  if (text.empty()) return std::nullopt;
  if (auto address = Codec<SocketAddress>::parse(text)) return *std::move(address);
  return std::unexpected(std::string(kForm));
}
std::string Codec<std::optional<SocketAddress>>::text(const std::optional<SocketAddress>& value) {
  return value ? value->text() : "";
}

const std::string_view Codec<PublicUrl>::kForm =
    "empty, or an http or https address without query, such as https://auth.example.com";
Parsed<PublicUrl> Codec<PublicUrl>::parse(std::string_view text) {
  while (text.ends_with('/')) text.remove_suffix(1);
  if (text.empty()) return PublicUrl{};
  const std::size_t scheme_end = text.find("://");
  if (scheme_end != std::string_view::npos) {
    const std::string scheme = lower(text.substr(0, scheme_end));
    const std::string_view rest = text.substr(scheme_end + 3);
    const std::string authority = lower(rest.substr(0, rest.find('/')));
    const std::string_view path = rest.substr(authority.size());
    const bool is_path_plain =
        std::ranges::all_of(path, [](char c) { return c > ' ' && c < 0x7F && c != '?' && c != '#'; });
    if ((scheme == "http" || scheme == "https") && is_authority(authority) && is_path_plain)
      return PublicUrl{scheme + "://" + authority + std::string(path)};
  }
  return std::unexpected(std::string(kForm));
}
std::string Codec<PublicUrl>::text(const PublicUrl& value) { return value.text; }

const std::string_view Codec<OriginPattern>::kForm =
    "*, or origins without a path, such as https://app.example.com or https://*.example.com";
Parsed<OriginPattern> Codec<OriginPattern>::parse(std::string_view text) {
  if (text == "*") return OriginPattern{"*"};
  const std::string origin = lower(text);
  const std::size_t scheme_end = origin.find("://");
  if (scheme_end != std::string::npos && scheme_end > 0) {
    const std::string_view scheme = std::string_view(origin).substr(0, scheme_end);
    std::string_view authority = std::string_view(origin).substr(scheme_end + 3);
    if (authority.starts_with("*.")) authority.remove_prefix(2);
    const bool is_scheme = std::ranges::all_of(scheme, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
    });
    if (is_scheme && is_authority(authority)) return OriginPattern{origin};
  }
  return std::unexpected(std::string(kForm));
}
std::string Codec<OriginPattern>::text(const OriginPattern& value) { return value.text; }

const std::string_view Codec<AddressRange>::kForm =
    "IP addresses or ranges with zeros behind the prefix, such as 10.0.0.0/8 or 2001:db8::1";
Parsed<AddressRange> Codec<AddressRange>::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::vector<unsigned char> bytes = address_bytes(std::string(text.substr(0, slash)));
  const std::uint32_t bits = static_cast<std::uint32_t>(bytes.size()) * 8;
  std::optional<std::uint32_t> prefix = bits;
  if (slash != std::string_view::npos) prefix = parse_number<std::uint32_t>(text.substr(slash + 1));
  if (bits == 0 || !prefix || *prefix > bits) return std::unexpected(std::string(kForm));
  for (std::uint32_t bit = *prefix; bit < bits; ++bit) {
    if ((bytes[bit / 8] >> (7 - bit % 8) & 1) != 0) return std::unexpected(std::string(kForm));
  }
  return AddressRange{std::string(text)};
}
std::string Codec<AddressRange>::text(const AddressRange& value) { return value.text; }

bool DatabaseUrl::is_postgres() const {
  return text.starts_with("postgres://") || text.starts_with("postgresql://");
}

std::string DatabaseUrl::shown() const {
  if (!is_postgres()) return text;
  constexpr std::string_view kHidden = "(hidden)";
  std::string result = text;
  // postgres://user:password@host/…
  const std::size_t authority = result.find("://") + 3;
  const std::size_t authority_end = std::min(result.find_first_of("/?", authority), result.size());
  const std::size_t at = result.rfind('@', authority_end);
  if (at != std::string::npos && at > authority) {
    const std::size_t colon = result.find(':', authority);
    if (colon < at) result.replace(colon + 1, at - colon - 1, kHidden);
  }
  // …?password=…&…; libpq reads its parameters percent-decoded and one may name another file with a password.
  for (const std::string_view name : {"password=", "sslpassword="}) {
    const std::size_t query = result.find('?');
    for (std::size_t from = query; from != std::string::npos; from = result.find('&', from + 1)) {
      if (!std::string_view(result).substr(from + 1).starts_with(name)) continue;
      const std::size_t value = from + 1 + name.size();
      const std::size_t end = std::min(result.find('&', value), result.size());
      result.replace(value, end - value, kHidden);
    }
  }
  return result;
}

const std::string_view Codec<DatabaseUrl>::kForm =
    "empty, sqlite: and the path of a file, or postgres://USER@HOST:PORT/DATABASE";
Parsed<DatabaseUrl> Codec<DatabaseUrl>::parse(std::string_view text) {
  constexpr std::string_view kSqlite = "sqlite:";
  DatabaseUrl url{std::string(text)};
  const bool is_file = text.starts_with(kSqlite) && text.size() > kSqlite.size();
  if (text.contains('\0') || !(text.empty() || is_file || url.is_postgres())) {
    return std::unexpected(std::string(kForm));
  }
  return url;
}
std::string Codec<DatabaseUrl>::text(const DatabaseUrl& value) { return value.text; }

const std::string_view Codec<Title>::kForm = "a text of one line, at most 100 bytes long";
Parsed<Title> Codec<Title>::parse(std::string_view text) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  const bool is_blank = std::ranges::all_of(text, [](char c) { return c == ' '; });
  if (is_blank || text.size() > 100 || std::ranges::any_of(text, is_control)) {
    return std::unexpected(std::string(kForm));
  }
  return Title{std::string(text)};
}
std::string Codec<Title>::text(const Title& value) { return value.text; }

const std::string_view Codec<std::filesystem::path>::kForm = "a path";
Parsed<std::filesystem::path> Codec<std::filesystem::path>::parse(std::string_view text) {
  if (text.contains('\0')) return std::unexpected("a path, without NUL characters");
  return std::filesystem::path(text);
}
std::string Codec<std::filesystem::path>::text(const std::filesystem::path& value) { return value.string(); }

const std::string_view Codec<base::Secret>::kForm = "texts of at least 32 characters";
Parsed<base::Secret> Codec<base::Secret>::parse(std::string_view text) {
  if (text.size() < 32)
    return std::unexpected("texts of at least 32 characters, for example from openssl rand -base64 32");
  return base::Secret(text);
}
std::string Codec<base::Secret>::text(const base::Secret& value) {
  return std::string(value.confidential_text());
}

}  // namespace latchkey::config

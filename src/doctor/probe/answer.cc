#include "doctor/probe/answer.h"

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>

#include "base/json_reader.h"
#include "crypto/base64url.h"
#include "doctor/project/redact.h"
#include "flutterflow/json_path.h"
#include "flutterflow/project/lookup.h"

namespace latchkey::doctor {
namespace {

namespace json = boost::json;

std::string text_of(const json::value& value) {
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_null()) return {};
  return json::serialize(value);
}

// Where the values stand in answers of real servers, the most common first.
constexpr std::array kTokenPaths = {"$.access_token",
                                    "$.token",
                                    "$.data.token",
                                    "$.accessToken",
                                    "$.data.access_token",
                                    "$.data.accessToken",
                                    "$.jwt",
                                    "$.idToken",
                                    "$.id_token",
                                    "$.session.access_token",
                                    "$.session.token",
                                    "$.auth.token",
                                    "$.authToken",
                                    "$.auth_token",
                                    "$.access",
                                    "$.user.token",
                                    "$.data.user.token",
                                    "$.result.token",
                                    "$.response.token",
                                    "$.tokens.access.token",
                                    "$.tokens.accessToken",
                                    "$.tokens.access_token",
                                    "$.data.session.access_token"};
constexpr std::array kRefreshPaths = {"$.refresh_token",
                                      "$.refreshToken",
                                      "$.data.refresh_token",
                                      "$.data.refreshToken",
                                      "$.refresh",
                                      "$.session.refresh_token",
                                      "$.tokens.refresh.token",
                                      "$.tokens.refreshToken",
                                      "$.tokens.refresh_token",
                                      "$.user.refreshToken",
                                      "$.data.session.refresh_token"};
constexpr std::array kExpiryPaths = {"$.expires_at",
                                     "$.expiresAt",
                                     "$.expires",
                                     "$.data.expires_at",
                                     "$.data.expiresAt",
                                     "$.session.expires_at",
                                     "$.session.expiresAt",
                                     "$.expires_in",
                                     "$.expiresIn",
                                     "$.data.expires_in",
                                     "$.data.expiresIn",
                                     "$.session.expires_in",
                                     "$.expiry",
                                     "$.exp",
                                     "$.expiration",
                                     "$.token_expiration",
                                     "$.tokenExpiration",
                                     "$.tokens.access.expires"};
constexpr std::array kUidPaths = {"$.user.id",      "$.uid",           "$.user_id",
                                  "$.userId",       "$.user.uid",      "$.user._id",
                                  "$.data.user.id", "$.data.user._id", "$.data.id",
                                  "$.data.uid",     "$.data.user_id",  "$.data.userId",
                                  "$.record.id",    "$.localId",       "$.id",
                                  "$._id",          "$.sub",           "$.session.user.id",
                                  "$.user.user_id", "$.account.id",    "$.result.user.id",
                                  "$.user.uuid"};

FoundValue value_at(const json::value& answer, std::string_view path) {
  const auto parsed = flutterflow::JsonPath::parse(path);
  if (!parsed) return {};
  const json::value* value = parsed->first_in(answer);
  if (value == nullptr) return {};
  return {.path = parsed->text(), .text = text_of(*value), .kind = std::string(kind_name(*value))};
}

template <std::size_t N>
FoundValue first_of(const json::value& answer, const std::array<const char*, N>& paths, bool wants_scalar) {
  for (const char* path : paths) {
    FoundValue found = value_at(answer, path);
    if (!found || found.kind == "null" || (found.kind == "text" && found.text.empty())) continue;
    if (wants_scalar && (found.kind == "object" || found.kind == "list")) continue;
    return found;
  }
  return {};
}

// The first text anywhere that is a JWT and whose name does not speak of refreshing.
void find_jwt(const json::value& value, const std::string& path, int depth, FoundValue& found) {
  if (found || depth > 6) return;
  if (value.is_object()) {
    for (const auto& [key, item] : value.get_object()) {
      if (flutterflow::lower(key).find("refresh") != std::string::npos) continue;
      find_jwt(item, path + "." + std::string(key), depth + 1, found);
    }
  } else if (value.is_string() && read_jwt(std::string_view(value.get_string()))) {
    found = {.path = path, .text = std::string(value.get_string()), .kind = "text"};
  }
}

// The first member anywhere whose name holds the word.
void find_name(const json::value& value, std::string_view word, const std::string& path, int depth,
               FoundValue& found) {
  if (found || depth > 4 || !value.is_object()) return;
  for (const auto& [key, item] : value.get_object()) {
    const std::string inner = path + "." + std::string(key);
    const bool is_scalar = item.is_string() || item.is_number();
    if (!found && is_scalar && flutterflow::lower(key).find(word) != std::string::npos) {
      found = {.path = inner, .text = text_of(item), .kind = std::string(kind_name(item))};
    }
    find_name(item, word, inner, depth + 1, found);
  }
}

std::string_view given_path(const ValuePaths& paths, std::string_view name) {
  for (const auto& [key, path] : paths) {
    if (key == name) return path;
  }
  return {};
}

template <std::size_t N>
FoundValue look_for(const json::value& answer, const ValuePaths& paths, std::string_view name,
                    const std::array<const char*, N>& known) {
  if (const std::string_view path = given_path(paths, name); !path.empty()) {
    FoundValue found = value_at(answer, path);
    if (found.kind == "null" || (found.kind == "text" && found.text.empty())) return {};
    return found;
  }
  return first_of(answer, known, true);
}

// Of a token that only the server can read.
std::string with_another_letter(std::string_view token) {
  std::string out(token);
  if (!out.empty()) out[out.size() / 2] = out[out.size() / 2] == 'x' ? 'y' : 'x';
  return out;
}

std::string encode(std::string_view text) { return crypto::base64url_encode(text); }

struct Parts {
  std::string_view header, payload, signature;
};

std::optional<Parts> split(std::string_view token) {
  const std::size_t first = token.find('.');
  const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos)
    return std::nullopt;
  return Parts{token.substr(0, first), token.substr(first + 1, second - first - 1), token.substr(second + 1)};
}

std::optional<int> two_digits(std::string_view text, std::size_t at) {
  if (at + 2 > text.size() || text[at] < '0' || text[at] > '9' || text[at + 1] < '0' || text[at + 1] > '9')
    return std::nullopt;
  return (text[at] - '0') * 10 + (text[at + 1] - '0');
}

std::optional<base::Timestamp> from_parts(int year, int month, int day, int hour, int minute, int second) {
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || hour > 24 || minute > 59 || second > 60) return std::nullopt;
  return base::Timestamp(std::chrono::sys_days(date)) + std::chrono::hours(hour) +
         std::chrono::minutes(minute) + std::chrono::seconds(second);
}

Expiry read_iso(std::string_view text) {
  Expiry expiry;
  // 2026-11-26T07:00:00.123Z, +01:00, or a blank for the T
  if (text.size() < 19 || text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != ' '))
    return expiry;
  int year = 0;
  if (std::from_chars(text.data(), text.data() + 4, year).ec != std::errc()) return expiry;
  const auto month = two_digits(text, 5);
  const auto day = two_digits(text, 8);
  const auto hour = two_digits(text, 11);
  const auto minute = two_digits(text, 14);
  const auto second = two_digits(text, 17);
  if (!month || !day || !hour || !minute || !second) return expiry;
  expiry.at = from_parts(year, *month, *day, *hour, *minute, *second);
  if (!expiry.at) return expiry;
  std::string_view zone = text.substr(19);
  if (zone.starts_with('.')) {
    std::size_t end = 1;
    while (end < zone.size() && zone[end] >= '0' && zone[end] <= '9') ++end;
    zone.remove_prefix(end);
  }
  if (zone.empty()) {
    expiry.form = Expiry::Form::iso_without_zone;
    return expiry;
  }
  expiry.form = Expiry::Form::iso_with_zone;
  if ((zone[0] == '+' || zone[0] == '-') && zone.size() >= 3) {
    const auto hours = two_digits(zone, 1);
    const auto minutes = zone.size() >= 6 ? two_digits(zone, 4) : std::optional<int>(0);
    if (hours && minutes) {
      const auto offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
      expiry.at = zone[0] == '+' ? *expiry.at - offset : *expiry.at + offset;
    }
  }
  return expiry;
}

}  // namespace

std::string_view kind_name(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return "null";
    case json::kind::bool_:
      return "boolean";
    case json::kind::int64:
    case json::kind::uint64:
    case json::kind::double_:
      return "number";
    case json::kind::string:
      return "text";
    case json::kind::array:
      return "list";
    case json::kind::object:
      return "object";
  }
  return "null";
}

SessionValues find_values(const json::value& answer, const ValuePaths& paths) {
  SessionValues values;
  values.access_token = look_for(answer, paths, "access_token", kTokenPaths);
  if (!values.access_token && given_path(paths, "access_token").empty())
    find_jwt(answer, "$", 0, values.access_token);
  values.refresh_token = look_for(answer, paths, "refresh_token", kRefreshPaths);
  if (!values.refresh_token && given_path(paths, "refresh_token").empty()) {
    find_name(answer, "refresh", "$", 0, values.refresh_token);
  }
  values.expiry = look_for(answer, paths, "expires_at", kExpiryPaths);
  if (!values.expiry && given_path(paths, "expires_at").empty())
    find_name(answer, "expir", "$", 0, values.expiry);
  // `refresh_expires_in` and its like are not the expiry that Log in wants first.
  values.uid = look_for(answer, paths, "uid", kUidPaths);
  if (values.access_token.kind != "text") values.access_token = {};
  return values;
}

std::string message_in(const json::value& answer) {
  if (answer.is_string()) return std::string(answer.get_string());
  if (!answer.is_object()) return {};
  static constexpr std::array<std::string_view, 10> kNames = {
      "message", "msg",    "error_description", "detail", "error",
      "title",   "errors", "error_message",     "reason", "statusMessage"};
  const auto& object = answer.get_object();
  for (const std::string_view name : kNames) {
    const json::value* value = object.if_contains(name);
    if (value == nullptr) continue;
    if (value->is_string() && !value->get_string().empty()) return std::string(value->get_string());
    if (value->is_object()) {
      if (std::string inner = message_in(*value); !inner.empty()) return inner;
      for (const auto& member : value->get_object()) {
        if (std::string inner = message_in(member.value()); !inner.empty()) return inner;
      }
    }
    if (value->is_array()) {
      for (const json::value& item : value->get_array()) {
        if (std::string inner = message_in(item); !inner.empty()) return inner;
      }
    }
  }
  // Django names the field: {"username": ["This field is required."]}
  for (const auto& member : object) {
    if (!member.value().is_array() || member.value().get_array().empty()) continue;
    const json::value& first = member.value().get_array().front();
    if (first.is_string()) return std::string(first.get_string());
  }
  return {};
}

std::optional<std::int64_t> Jwt::number(std::string_view claim) const {
  const json::value* value = claims.get_object().if_contains(claim);
  if (value == nullptr) return std::nullopt;
  if (value->is_int64()) return value->get_int64();
  if (value->is_double()) return static_cast<std::int64_t>(value->get_double());
  return std::nullopt;
}

std::string Jwt::text(std::string_view claim) const {
  const json::value* value = claims.get_object().if_contains(claim);
  return value == nullptr ? std::string() : text_of(*value);
}

bool Jwt::has(std::string_view claim) const { return claims.get_object().contains(claim); }

std::optional<Jwt> read_jwt(std::string_view token) {
  if (token.size() > 16384) return std::nullopt;
  const auto parts = split(token);
  if (!parts) return std::nullopt;
  const auto header = crypto::base64url_decode(parts->header);
  const auto payload = crypto::base64url_decode(parts->payload);
  const auto signature = crypto::base64url_decode(parts->signature);
  if (!header || !payload || !signature) return std::nullopt;
  const auto head = base::parse_json(*header);
  auto claims = base::parse_json(*payload);
  if (!head || !head->is_object() || !claims || !claims->is_object()) return std::nullopt;
  Jwt jwt;
  const auto text = [&](std::string_view name) {
    const json::value* value = head->get_object().if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
  };
  jwt.alg = text("alg");
  jwt.kid = text("kid");
  if (jwt.alg.empty()) return std::nullopt;
  jwt.claims = *std::move(claims);
  jwt.signing_input = std::string(parts->header) + "." + std::string(parts->payload);
  jwt.signature = *signature;
  return jwt;
}

std::string with_broken_signature(std::string_view token) {
  const auto parts = split(token);
  if (!parts) return with_another_letter(token);
  std::string signature = crypto::base64url_decode(parts->signature).value_or("");
  if (signature.empty()) signature = std::string(64, '\x01');
  signature[signature.size() / 2] = static_cast<char>(signature[signature.size() / 2] ^ 0x55);
  return std::string(parts->header) + "." + std::string(parts->payload) + "." + encode(signature);
}

std::string with_changed_claims(std::string_view token) {
  const auto parts = split(token);
  const auto jwt = read_jwt(token);
  if (!parts || !jwt) return with_another_letter(token);
  json::object claims = jwt->claims.get_object();
  claims["latchkey_doctor"] = "changed";
  return std::string(parts->header) + "." + encode(json::serialize(claims)) + "." +
         std::string(parts->signature);
}

std::vector<std::string> unsigned_variants(std::string_view token) {
  const auto parts = split(token);
  if (!parts) return {};
  std::vector<std::string> out;
  for (const std::string_view alg : {"none", "None", "NONE"}) {
    out.push_back(encode("{\"alg\":\"" + std::string(alg) + "\",\"typ\":\"JWT\"}") + "." +
                  std::string(parts->payload) + ".");
  }
  return out;
}

Expiry read_expiry(const FoundValue& value, base::Timestamp now) {
  Expiry expiry;
  if (value.kind == "text") {
    expiry = read_iso(value.text);
    if (expiry.form != Expiry::Form::unknown) return expiry;
  }
  double number = 0;
  const auto [end, error] = std::from_chars(value.text.data(), value.text.data() + value.text.size(), number);
  if (error != std::errc() || end != value.text.data() + value.text.size() ||
      !(number > -1e9 && number < 1e18))
    return expiry;  // no number, or one that is no time: nobody answers decades before now
  // A point in time has been larger than that since 1973, a duration is smaller for three years.
  const bool is_relative = number < 1e8;
  if (is_relative) {
    expiry.form = Expiry::Form::relative_seconds;
    expiry.at = now + std::chrono::seconds(static_cast<std::int64_t>(number));
  } else if (number < 1e11) {
    expiry.form = Expiry::Form::seconds;
    expiry.at = base::from_unix_seconds(static_cast<std::int64_t>(number));
  } else if (number < 1e14) {
    expiry.form = Expiry::Form::milliseconds;
    expiry.at = base::from_unix_ms(static_cast<std::int64_t>(number));
  } else {
    expiry.form = Expiry::Form::microseconds;
    expiry.at = base::from_unix_ms(static_cast<std::int64_t>(number / 1000));
  }
  return expiry;
}

std::string_view words_for(Expiry::Form form) {
  switch (form) {
    case Expiry::Form::seconds:
      return "seconds since 1970";
    case Expiry::Form::milliseconds:
      return "milliseconds since 1970";
    case Expiry::Form::microseconds:
      return "microseconds since 1970";
    case Expiry::Form::relative_seconds:
      return "a number of seconds from now";
    case Expiry::Form::iso_with_zone:
      return "a date with its zone";
    case Expiry::Form::iso_without_zone:
      return "a date without its zone";
    case Expiry::Form::unknown:
      return "a form that is not known";
  }
  return "a form that is not known";
}

std::optional<base::Timestamp> read_http_date(std::string_view text) {
  // Thu, 26 Nov 2026 07:00:00 GMT
  if (text.size() < 29 || text[3] != ',') return std::nullopt;
  static constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto month = std::ranges::find(kMonths, text.substr(8, 3));
  const auto day = two_digits(text, 5);
  const auto hour = two_digits(text, 17);
  const auto minute = two_digits(text, 20);
  const auto second = two_digits(text, 23);
  int year = 0;
  if (month == kMonths.end() || !day || !hour || !minute || !second ||
      std::from_chars(text.data() + 12, text.data() + 16, year).ec != std::errc()) {
    return std::nullopt;
  }
  return from_parts(year, static_cast<int>(month - kMonths.begin()) + 1, *day, *hour, *minute, *second);
}

std::string internals_in(std::string_view body) {
  struct Sign {
    std::string_view text, what;
  };
  static constexpr std::array<Sign, 22> kSigns = {
      {{"\n    at ", "a stack trace"},
       {"\\n    at ", "a stack trace"},
       {"Traceback (most recent call last)", "a stack trace"},
       {"node_modules/", "a path of the server"},
       {"site-packages/", "a path of the server"},
       {"/vendor/laravel", "a path of the server"},
       {"/usr/src/app", "a path of the server"},
       {"/var/www/", "a path of the server"},
       {"/home/", "a path of the server"},
       {"goroutine 1 [", "a stack trace"},
       {".java:", "a stack trace"},
       {"java.lang.", "a stack trace"},
       {".php on line", "a stack trace"},
       {"System.NullReferenceException", "a stack trace"},
       {"SQLSTATE[", "a message of the database"},
       {"SQL syntax", "a message of the database"},
       {"SqlException", "a message of the database"},
       {"ER_DUP_ENTRY", "a message of the database"},
       {"violates unique constraint", "a message of the database"},
       {"UNIQUE constraint failed", "a message of the database"},
       {"You're seeing this error because you have <code>DEBUG = True", "a debug page"},
       {"Whoops, looks like something went wrong", "a debug page"}}};
  for (const Sign& sign : kSigns) {
    if (body.find(sign.text) != std::string_view::npos) return std::string(sign.what);
  }
  return {};
}

std::string page_in_front(std::string_view content_type, std::string_view body) {
  if (content_type.find("html") == std::string_view::npos) return {};
  struct Page {
    std::string_view text, what;
  };
  static constexpr std::array<Page, 11> kPages = {
      {{"ERR_NGROK", "ngrok's warning page (header ngrok-skip-browser-warning)"},
       {"ngrok-skip-browser-warning", "ngrok's warning page (header ngrok-skip-browser-warning)"},
       {"You are about to visit", "a tunnel's warning page"},
       {"localtunnel", "localtunnel's warning page (header bypass-tunnel-reminder)"},
       {"cf-browser-verification", "Cloudflare's check for bots"},
       {"challenge-platform", "Cloudflare's check for bots"},
       {"Just a moment...", "Cloudflare's check for bots"},
       {"_Incapsula_Resource", "Imperva's check for bots"},
       {"microsoftonline.com", "a login page of Microsoft"},
       {"Application is starting", "a page that says the server is starting"},
       {"service is waking up", "a page that says the server is starting"}}};
  for (const Page& page : kPages) {
    if (body.find(page.text) != std::string_view::npos) return std::string(page.what);
  }
  return {};
}

std::string excerpt(std::string_view body) {
  std::string line;
  for (const char c : body.substr(0, 400)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20) {
      if (!line.empty() && line.back() != ' ') line += ' ';
    } else if (byte < 0x80) {
      line += c;
    } else {
      line += '?';
    }
  }
  std::string shortened;
  std::size_t at = 0;
  const auto is_part = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  while (at < line.size()) {
    std::size_t end = at;
    while (end < line.size() && is_part(line[end])) ++end;
    const std::string_view run = std::string_view(line).substr(at, end - at);
    shortened += looks_secret(run) ? first_characters(run) : std::string(run);
    if (end < line.size()) shortened += line[end++];
    at = end;
  }
  constexpr std::size_t kLongest = 160;
  if (shortened.size() <= kLongest) return shortened;
  std::size_t kept = kLongest;
  while (kept > 0 && (static_cast<unsigned char>(shortened[kept]) & 0xc0U) == 0x80U) --kept;
  return shortened.substr(0, kept) + "…";
}

}  // namespace latchkey::doctor

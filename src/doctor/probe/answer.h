// What the answers of a login hold: the four values that an app needs, and what they look like. Pure
// functions.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace latchkey::doctor {

// A value of an answer.
struct FoundValue {
  std::string path = {};  // `$.data.token`; empty when there is none
  std::string text = {};  // of a text its content, of a number its digits; secret
  std::string kind = {};  // text, number, boolean, null, object, list

  explicit operator bool() const { return !path.empty(); }
};

struct SessionValues {
  FoundValue access_token, refresh_token, expiry, uid;
};

using ValuePaths = std::vector<std::pair<std::string, std::string>>;  // as ProbeOptions::value_paths

// Looks where `paths` say, and for what they do not name at the places that are common, then by names and by
// shape.
SessionValues find_values(const boost::json::value& answer, const ValuePaths& paths);

std::string_view kind_name(const boost::json::value& value);

// The text that an error answer shows to people: message, error_description, detail, … ; empty when there is
// none.
std::string message_in(const boost::json::value& answer);

// A JWT taken apart, nothing verified.
struct Jwt {
  std::string alg = {};
  std::string kid = {};
  boost::json::value claims = nullptr;  // an object
  std::string signing_input = {};
  std::string signature = {};  // decoded

  // An integer claim; nothing when it is absent or something else.
  std::optional<std::int64_t> number(std::string_view claim) const;
  std::string text(std::string_view claim) const;  // empty when it is none
  bool has(std::string_view claim) const;
};

std::optional<Jwt> read_jwt(std::string_view token);

// The same token with another signature, with another subject and the old signature, and unsigned ones.
std::string with_broken_signature(std::string_view token);
std::string with_changed_claims(std::string_view token);
std::vector<std::string> unsigned_variants(std::string_view token);

// What a token's expiry means.
struct Expiry {
  enum class Form : std::uint8_t {
    seconds,
    milliseconds,
    microseconds,
    relative_seconds,
    iso_with_zone,
    iso_without_zone,
    unknown
  };
  Form form = Form::unknown;
  std::optional<base::Timestamp> at = std::nullopt;
};

// Relative ones count from `now`.
Expiry read_expiry(const FoundValue& value, base::Timestamp now);
std::string_view words_for(Expiry::Form form);

// An HTTP date (RFC 9110, section 5.6.7, the preferred form).
std::optional<base::Timestamp> read_http_date(std::string_view text);

// What of a body shows the inside of the server ("a stack trace"); empty when nothing does.
std::string internals_in(std::string_view body);

// What stands in front of the server ("ngrok's warning page"), told from an answer; empty when nothing does.
std::string page_in_front(std::string_view content_type, std::string_view body);

// A piece of a body for the report: one line, at most 160 bytes, with everything that looks like a token
// shortened.
std::string excerpt(std::string_view body);

}  // namespace latchkey::doctor

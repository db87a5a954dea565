// Reads request bodies as they are meant, whatever their content type says.
#pragma once

#include <array>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <optional>

#include "base/result.h"
#include "http/message.h"
#include "http/wire.h"

namespace latchkey::http {

// The fields of one body: those of a JSON object or of a form. Small bodies need no heap, and the memory is
// wiped at the end, because passwords stand in them.
//
// Forgiven: any content type or none; form fields (application/x-www-form-urlencoded, or no type and the look
// of a form); an empty body, which has no fields; a byte order mark; a JSON object inside a JSON text. Of a
// key that stands twice the last counts.
class ParsedBody {
 public:
  ParsedBody() = default;
  ParsedBody(const ParsedBody&) = delete;
  ParsedBody& operator=(const ParsedBody&) = delete;
  ~ParsedBody();

  // Fails with bad_json, whose hint names escaping when a quote, backslash or control character inside a
  // text broke it, or with validation_failed when the JSON is not an object. Never repeats the body. JSON may
  // be 32 levels deep.
  base::Result<void> read(const Request& request);

  // What a decoder needs to see of this body.
  WireInput input() const;
  // The text of a field, if there is one and it is a text.
  std::optional<std::string_view> find_text(std::string_view field) const;

 private:
  std::array<unsigned char, 4096> memory_;
  boost::json::monotonic_resource resource_{memory_.data(), memory_.size()};
  boost::json::value json_ = boost::json::value(boost::json::object_kind, &resource_);
  std::optional<Pairs> form_;
};

}  // namespace latchkey::http

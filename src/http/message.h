// A request and its answer as everything above the socket sees them; no networking library in sight.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "http/client_address.h"

namespace latchkey::http {

enum class Method : std::uint8_t { get, head, post, put, patch, del, options, other };

// "GET", "DELETE", …; "OTHER" for a method this server does not know.
std::string_view to_string(Method method);
Method parse_method(std::string_view text);

// ASCII only, as header names are.
bool equal_ignoring_case(std::string_view a, std::string_view b);

// Undoes percent-encoding; with `plus_is_blank` as in queries and forms.
std::string percent_decode(std::string_view text, bool plus_is_blank);

struct HeaderView {
  std::string_view name;
  std::string_view value;
};

// Names and values, percent-decoded, in the order of the request.
using Pairs = std::vector<std::pair<std::string, std::string>>;

// Appends the pairs of "a=1&b=%20" (a query or an application/x-www-form-urlencoded body).
void append_pairs(std::string_view text, Pairs& out);

// One request, read whole. The header views point into the reader's memory and live as long as the exchange;
// a test may let them point at literals. Objects are reused from one request of a connection to the next.
struct Request {
  Method method = Method::get;
  // Without the query; doubled slashes made one, a trailing slash taken off ("/" stays), not percent-decoded.
  std::string path = "/";
  Pairs query;
  std::vector<HeaderView> headers;
  std::string body;

  // The value of the first header with that name in any case; nothing if there is none.
  std::optional<std::string_view> find_header(std::string_view name) const;
  // How many headers carry that name: more than one Authorization is an attack or an accident.
  std::size_t count_headers(std::string_view name) const;
  // The value of the first query parameter with exactly that name.
  std::optional<std::string_view> find_query(std::string_view name) const;

  // Sets path and query from a request target ("/a//b/?x=%20y", "*", or the absolute form of RFC 9112
  // §3.2.2). False if it is none of these or holds a blank or control character. A percent sign that starts
  // no escape stands for itself.
  bool set_target(std::string_view target);
  // Forgets everything but the memory, and wipes the body: it may have held a password.
  void clear();
};

// Bytes that were built before and are sent as they are, with what a cache may do with them.
struct RawContent {
  std::string body = {};
  std::string_view content_type = "application/json; charset=utf-8";  // a literal
  std::string_view cache_control = "no-store";                        // a literal
  std::string headers = {};                                           // further ones, as whole lines
  // The same two, kept by somebody else for as long as the process lives: instead of body, beside headers.
  std::string_view bytes_elsewhere = {};
  std::string_view headers_elsewhere = {};

  std::string_view bytes() const { return body.empty() ? bytes_elsewhere : std::string_view(body); }
};

// One answer. The connection adds Date, Content-Length, CORS and X-Request-Id.
struct Response {
  std::uint16_t status = 200;
  std::string_view content_type = "application/json; charset=utf-8";  // a literal
  std::string body;
  std::shared_ptr<const RawContent> raw;                          // instead of body and content_type
  std::vector<std::pair<std::string_view, std::string>> headers;  // such as Retry-After; names are literals
  std::optional<base::ErrorCode> error;                           // what the body says, for logs and metrics

  std::string_view body_text() const { return raw ? raw->bytes() : std::string_view(body); }
  std::string_view cache_control() const { return raw ? raw->cache_control : std::string_view("no-store"); }
  void clear();
};

// What a handler sees beside its decoded request. Everything in it lives until the answer is finished.
struct Call {
  const Request& request;
  ClientAddress client;         // behind trusted proxies the address they name
  std::string_view user_agent;  // empty if there is none
  std::string_view request_id;
  std::string_view authorization;  // the header as it came; empty if there is none
  base::Timestamp now;
};

}  // namespace latchkey::http

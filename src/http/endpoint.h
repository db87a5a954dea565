// An endpoint as a constant: everything about it in one place, and nothing of it may be left out.
//
//   inline constexpr http::Endpoint<http::Anyone, LoginRequest, SessionAnswer> kLogin{
//       .method = http::Method::post, .path = "/login", .operation_id = "login", .summary = "Sign in",
//       .access = http::Access::anyone, .bucket = kLoginBucket, .cost = http::Cost::hash,
//       .errors = {ErrorCode::invalid_credentials, ErrorCode::user_banned}};
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/message.h"
#include "http/wire.h"

namespace latchkey::http {

// Who may call.
enum class Access : std::uint8_t { anyone, user, admin };

// What a call costs, which picks where it runs.
enum class Cost : std::uint8_t {
  memory,      // on the I/O thread: must never block
  principal,   // finding out who calls, and nothing else: on the I/O thread; nothing waits for the store
  point_read,  // one or two indexed reads: in place when the store is embedded, else on the storage lane
  one_write,   // one short transaction that a deferred handler need not wait for: where point_read is
  storage,     // on the storage lane
  hash,        // on the hash lane
};

// The rate limit that calls are counted against; the limits themselves are configuration.
struct Bucket {
  std::string_view name;
  constexpr bool operator==(const Bucket&) const = default;
};
// Not limited: health checks and metrics.
inline constexpr Bucket kUnlimited{""};

// A value that has to be given.
template <class T>
class Required {
 public:
  constexpr Required(T value) : value_(value) {}   // NOLINT(google-explicit-constructor)
  constexpr operator T() const { return value_; }  // NOLINT(google-explicit-constructor)

 private:
  T value_;
};

// An access level that does not compile unless it is the one of the principal.
template <class Principal>
class AccessOf {
 public:
  consteval AccessOf(Access access) {  // NOLINT(google-explicit-constructor)
    if (access != Principal::kAccess) throw "the endpoint's access is not its principal's";
  }
  constexpr operator Access() const { return Principal::kAccess; }  // NOLINT(google-explicit-constructor)
};

// The error codes an endpoint can answer beyond those that come with its access, bucket, cost and request.
class Errors {
 public:
  static constexpr std::size_t kMost = 16;
  Errors() = delete;
  constexpr Errors(std::initializer_list<base::ErrorCode> codes) : size_(codes.size()) {
    std::copy(codes.begin(), codes.end(), codes_.begin());
  }
  static constexpr Errors none() { return Errors(std::initializer_list<base::ErrorCode>{}); }
  constexpr std::span<const base::ErrorCode> codes() const { return {codes_.data(), size_}; }

 private:
  std::array<base::ErrorCode, kMost> codes_{};
  std::size_t size_ = 0;
};

// Picks one of several endpoints that share method and path: by a query parameter
// (`?grant_type=password`) or by a text field of the body (`{"action": "login"}`).
struct Selector {
  In in = In::body;
  std::string_view field = {};  // empty: the endpoint has its method and path to itself
  std::string_view value = {};
};

// The principal of an endpoint that anyone may call.
struct Anyone {
  static constexpr Access kAccess = Access::anyone;
};

// An answer without a body: 204.
struct NoContent {};

// Bytes that were built before.
struct RawBody {
  std::shared_ptr<const RawContent> content;
};

template <class T>
concept Principal = requires {
  { T::kAccess } -> std::convertible_to<Access>;
};
template <class T>
concept ResponseType = Described<T> || std::same_as<T, NoContent> || std::same_as<T, RawBody>;

template <Principal PrincipalT, Described RequestT, ResponseType ResponseT>
struct Endpoint {
  Method method;
  std::string_view path;  // under the base; "{id}" is a segment that binds the path field `id`
  std::string_view operation_id;
  std::string_view summary;
  AccessOf<PrincipalT> access;
  Required<Bucket> bucket;
  Required<Cost> cost;
  Errors errors;
  std::string_view description = {};
  std::string_view tag = {};
  std::uint16_t success = std::same_as<ResponseT, NoContent> ? 204 : 200;
  Selector selector = {};
  // The account that a call is about, when it names one: limits count it beside the address.
  std::optional<std::string> (*limit_subject)(const RequestT&) = nullptr;
  std::string_view content_type = "application/json";  // of a RawBody, for the document
};

// A handler: plain and synchronous; runs on the lane its endpoint's cost picks. What it throws is answered
// as storage_unavailable, overloaded or internal_error.
template <class PrincipalT, class RequestT, class ResponseT>
using Handler = std::function<base::Result<ResponseT>(const PrincipalT&, const RequestT&, const Call&)>;

// For a handler that answers later. Calling it hands `result` to the thread that writes the answer, which
// runs it as it would a handler, so it may throw what a handler may. Once, from any thread; the request is
// gone afterwards.
template <class ResponseT>
using Reply = std::move_only_function<void(std::move_only_function<base::Result<ResponseT>()> result)>;

// A handler that does not wait for what it starts. What it returns as a failure, or throws, is the answer;
// then it must not have given the reply away.
template <class PrincipalT, class RequestT, class ResponseT>
using DeferredHandler =
    std::function<base::Result<void>(const PrincipalT&, const RequestT&, const Call&, Reply<ResponseT>)>;

// How a call becomes a principal. Made once for each level of access and handed to every route of it.
template <class PrincipalT>
struct Authentication {
  // Looks at the header's form only: pure and cheap, run on the I/O thread before the body is decoded, so
  // that a call without credentials is 401 whatever its body is.
  std::function<std::optional<base::Error>(const Call&)> precheck;
  // The real thing, run where the handler runs.
  std::function<base::Result<PrincipalT>(const Call&)> authenticate;
  // The same without waiting, as a deferred handler; for routes of Cost::principal when the store is not
  // embedded.
  std::function<base::Result<void>(const Call&, Reply<PrincipalT>)> authenticate_later;
  // Every code that the two can answer.
  std::vector<base::ErrorCode> errors;
};

}  // namespace latchkey::http

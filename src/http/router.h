// The table of routes: takes endpoints, so a route without documentation cannot exist, and beside them files,
// each set under a prefix of its own.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/function_ref.h"
#include "base/log.h"
#include "http/endpoint.h"
#include "http/exchange.h"
#include "http/file_set.h"
#include "http/lanes.h"

namespace latchkey::http {

// Decides whether a call may go on now. Implemented by the rate limiter. Thread-safe.
class Admission {
 public:
  virtual ~Admission() = default;
  // Counts one call of `subject_key` against `bucket`; answers how long to wait when it is over the limit.
  // Keys of addresses and of accounts differ, so one table can hold both.
  virtual std::optional<std::chrono::seconds> admit(Bucket bucket, std::string_view subject_key,
                                                    std::chrono::steady_clock::time_point now) = 0;
};

// What routes need while they run. The referenced objects outlive every exchange.
struct Runtime {
  Executor& lanes;
  base::Clock& clock;
  base::Logger& logger;
  Admission* admission = nullptr;  // none: no limits
};

// One row of the table, as documents and tests see it.
struct RouteInfo {
  Method method;
  std::string base;  // such as "/auth/v1"
  std::string path;  // whole, with "{id}" segments
  std::string_view operation_id;
  std::string_view summary;
  std::string_view description;
  std::string_view tag;
  Access access;
  Bucket bucket;
  Cost cost;
  std::uint16_t success;
  Selector selector;
  std::vector<base::ErrorCode> errors;  // all it can answer, the common ones too
  TypeInfo (*request)();
  TypeInfo (*response)();  // null: no body, or a raw one
  bool raw_response;
  std::string_view content_type;

  bool has_body() const;
  // A request that the schema accepts, from the fields' examples: the target and the body.
  std::string example_target() const;
  std::string example_body() const;
};

// Files and where they are served.
struct Mount {
  // What their answers are counted under, as those of an endpoint are under its operation id; a literal.
  std::string_view name;
  std::string prefix;  // "/app": this path and all below it are the files' alone
  std::shared_ptr<const FileSet> files;
  bool is_front_page = false;  // the root sends browsers here
};

namespace detail {
class Route;
struct RouteTable;
}  // namespace detail

// Filled at start, then only read: `dispatch` may be called from any thread.
class Router {
 public:
  Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;
  ~Router();

  // Adds `endpoint` under `base` ("/auth/v1", or "" for the root). Throws std::logic_error on what can only
  // be a mistake in the table: the same method, path and selector twice, an operation id twice, a path field
  // that the path does not name, selectors that disagree.
  template <class P, class Req, class Res>
    requires(P::kAccess == Access::anyone)
  void add(std::string_view base, const Endpoint<P, Req, Res>& endpoint,
           std::type_identity_t<Handler<P, Req, Res>> handler);
  template <class P, class Req, class Res>
  void add(std::string_view base, const Endpoint<P, Req, Res>& endpoint,
           std::type_identity_t<Handler<P, Req, Res>> handler,
           std::type_identity_t<std::shared_ptr<const Authentication<P>>> authentication);

  // The same for a handler that answers later.
  template <class P, class Req, class Res>
    requires(P::kAccess == Access::anyone)
  void add_deferred(std::string_view base, const Endpoint<P, Req, Res>& endpoint,
                    std::type_identity_t<DeferredHandler<P, Req, Res>> handler);

  // Serves files, to GET and HEAD, whoever asks and however often: they cost no more than saying no would.
  // Throws std::logic_error when an endpoint or another mount stands in the way.
  void mount(Mount mount);

  // Answers `exchange.request` into `exchange.response` and calls `exchange.finish()`, perhaps later and
  // from a lane. Never throws. In this order: files; 404 and 405; the limit of the address; the form of the
  // credentials; the body; the limit of the account it names; then, on the lane, who is calling, their
  // limit, and the handler.
  void dispatch(Exchange& exchange, const Runtime& runtime) const;

  // All routes in the order they were added.
  std::vector<const RouteInfo*> routes() const;
  // What answers are counted under: all operation ids, and the names of the mounts.
  std::vector<std::string_view> operations() const;

 private:
  template <class P, class Req, class Res>
  void add_typed(std::string_view base, const Endpoint<P, Req, Res>& endpoint,
                 std::variant<Handler<P, Req, Res>, DeferredHandler<P, Req, Res>> handler,
                 std::shared_ptr<const Authentication<P>> authentication);
  void add_route(RouteInfo info, base::FunctionRef<std::unique_ptr<detail::Route>(RouteInfo)> make);
  std::unique_ptr<detail::RouteTable> table_;
};

}  // namespace latchkey::http

#include "http/router_detail.h"

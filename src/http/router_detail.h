// The templates behind router.h; include that one.
#pragma once

#include "http/router.h"

namespace latchkey::http::detail {

// One endpoint under one base, its types erased.
class Route {
 public:
  explicit Route(RouteInfo info) : info_(std::move(info)) {}
  virtual ~Route() = default;
  const RouteInfo& info() const { return info_; }

  // What is wrong with the form of the credentials, if anything.
  virtual std::optional<base::Error> precheck(const Exchange& exchange) const = 0;
  // Decodes `input`, works, and finishes the exchange, here or on a lane.
  virtual void run(Exchange& exchange, const Runtime& runtime, const WireInput& input) const = 0;

 protected:
  bool runs_in_place(const Runtime& runtime) const;
  // Gives the task to the lane of the route's cost; when that is full, the answer is `overloaded`.
  void hand_over(Exchange& exchange, const Runtime& runtime, Task task) const;
  // Whether the account is within its limit.
  std::optional<base::Error> limit_account(const Exchange& exchange, const Runtime& runtime,
                                           std::string_view account) const;

 private:
  RouteInfo info_;
};

// Runs `work`; what it answers or throws becomes the response.
void answer(Exchange& exchange, const Runtime& runtime,
            base::FunctionRef<std::optional<base::Error>()> work) noexcept;

// Writes what a handler answered.
template <class Res>
std::optional<base::Error> respond(Exchange& exchange, std::uint16_t success, base::Result<Res> result) {
  if (!result) return std::move(result).error();
  exchange.response.status = success;
  if constexpr (std::is_same_v<Res, RawBody>) {
    exchange.response.raw = std::move(result->content);
  } else if constexpr (Described<Res>) {
    encode(*result, exchange.response.body);
  }
  return std::nullopt;
}

template <class P, class Req, class Res>
class TypedRoute final : public Route {
 public:
  using AnyHandler = std::variant<Handler<P, Req, Res>, DeferredHandler<P, Req, Res>>;

  TypedRoute(RouteInfo info, std::optional<std::string> (*limit_subject)(const Req&), AnyHandler handler,
             std::shared_ptr<const Authentication<P>> authentication)
      : Route(std::move(info)),
        limit_subject_(limit_subject),
        handler_(std::move(handler)),
        authentication_(std::move(authentication)) {}

  std::optional<base::Error> precheck(const Exchange& exchange) const override {
    if (!authentication_ || !authentication_->precheck) return std::nullopt;
    return authentication_->precheck(exchange.call());
  }

  void run(Exchange& exchange, const Runtime& runtime, const WireInput& input) const override {
    base::Result<Req> request = base::fail(base::ErrorCode::internal_error);
    answer(exchange, runtime, [&]() -> std::optional<base::Error> {
      request = decode<Req>(input);
      if (!request) return request.error();
      if (limit_subject_ == nullptr) return std::nullopt;
      const std::optional<std::string> account = limit_subject_(*request);
      return account ? limit_account(exchange, runtime, *account) : std::nullopt;
    });
    if (!request || exchange.response.error) return exchange.finish();
    if (runs_in_place(runtime)) {
      work(exchange, runtime, *request);
    } else if (waits_only_for_principal()) {
      work_later(exchange, runtime, std::move(*request));
    } else {
      hand_over(exchange, runtime, [this, &exchange, &runtime, request = std::move(*request)] {
        work(exchange, runtime, request);
      });
    }
  }

 private:
  // Answers and finishes the exchange, or leaves both to a deferred handler.
  void work(Exchange& exchange, const Runtime& runtime, const Req& request) const {
    bool is_deferred = false;
    answer(exchange, runtime, [&]() -> std::optional<base::Error> {
      const Call call = exchange.call();
      const base::Result<P> principal = authenticate(call);
      if (!principal) return principal.error();
      if (auto error = limit_principal(exchange, runtime, *principal)) return error;
      if (const auto* handler = std::get_if<Handler<P, Req, Res>>(&handler_)) {
        return respond<Res>(exchange, info().success, (*handler)(*principal, request, call));
      }
      const auto& deferred = std::get<DeferredHandler<P, Req, Res>>(handler_);
      if (auto begun = deferred(*principal, request, call, reply_to(exchange, runtime)); !begun) {
        return std::move(begun).error();
      }
      is_deferred = true;
      return std::nullopt;
    });
    if (!is_deferred) exchange.finish();
  }

  bool waits_only_for_principal() const {
    return info().cost == Cost::principal && authentication_ && authentication_->authenticate_later &&
           std::holds_alternative<Handler<P, Req, Res>>(handler_);
  }

  // The same, on the thread of the exchange, once it is known who calls; until then nobody waits.
  void work_later(Exchange& exchange, const Runtime& runtime, Req request) const {
    bool has_begun = false;
    answer(exchange, runtime, [&]() -> std::optional<base::Error> {
      auto begun = authentication_->authenticate_later(
          exchange.call(), [this, &exchange, &runtime, request = std::move(request)](
                               std::move_only_function<base::Result<P>()> find_principal) mutable {
            exchange.finish_after([this, &exchange, &runtime, request = std::move(request),
                                   find_principal = std::move(find_principal)]() mutable {
              answer(exchange, runtime, [&]() -> std::optional<base::Error> {
                const base::Result<P> principal = find_principal();
                if (!principal) return principal.error();
                if (auto error = limit_principal(exchange, runtime, *principal)) return error;
                return respond<Res>(
                    exchange, info().success,
                    std::get<Handler<P, Req, Res>>(handler_)(*principal, request, exchange.call()));
              });
            });
          });
      if (!begun) return std::move(begun).error();
      has_begun = true;
      return std::nullopt;
    });
    if (!has_begun) exchange.finish();
  }

  std::optional<base::Error> limit_principal(const Exchange& exchange, const Runtime& runtime,
                                             const P& principal) const {
    if constexpr (requires { std::string_view(principal.limit_subject()); }) {
      return limit_account(exchange, runtime, principal.limit_subject());
    }
    return std::nullopt;
  }

  Reply<Res> reply_to(Exchange& exchange, const Runtime& runtime) const {
    return [this, &exchange, &runtime](std::move_only_function<base::Result<Res>()> result) {
      exchange.finish_after([this, &exchange, &runtime, result = std::move(result)]() mutable {
        answer(exchange, runtime, [&] { return respond<Res>(exchange, info().success, result()); });
      });
    };
  }

  base::Result<P> authenticate(const Call& call) const {
    if constexpr (P::kAccess == Access::anyone) {
      if (!authentication_) return P{};
    }
    return authentication_->authenticate(call);
  }

  std::optional<std::string> (*limit_subject_)(const Req&);
  AnyHandler handler_;
  std::shared_ptr<const Authentication<P>> authentication_;
};

}  // namespace latchkey::http::detail

namespace latchkey::http {

template <class P, class Req, class Res>
  requires(P::kAccess == Access::anyone)
void Router::add(std::string_view base, const Endpoint<P, Req, Res>& endpoint,
                 std::type_identity_t<Handler<P, Req, Res>> handler) {
  add(base, endpoint, std::move(handler), nullptr);
}

template <class P, class Req, class Res>
void Router::add(std::string_view base, const Endpoint<P, Req, Res>& endpoint,
                 std::type_identity_t<Handler<P, Req, Res>> handler,
                 std::type_identity_t<std::shared_ptr<const Authentication<P>>> authentication) {
  add_typed<P, Req, Res>(base, endpoint, std::move(handler), std::move(authentication));
}

template <class P, class Req, class Res>
  requires(P::kAccess == Access::anyone)
void Router::add_deferred(std::string_view base, const Endpoint<P, Req, Res>& endpoint,
                          std::type_identity_t<DeferredHandler<P, Req, Res>> handler) {
  add_typed<P, Req, Res>(base, endpoint, std::move(handler), nullptr);
}

template <class P, class Req, class Res>
void Router::add_typed(std::string_view base, const Endpoint<P, Req, Res>& endpoint,
                       std::variant<Handler<P, Req, Res>, DeferredHandler<P, Req, Res>> handler,
                       std::shared_ptr<const Authentication<P>> authentication) {
  RouteInfo info{
      .method = endpoint.method,
      .base = std::string(base),
      .path = std::string(base).append(endpoint.path),
      .operation_id = endpoint.operation_id,
      .summary = endpoint.summary,
      .description = endpoint.description,
      .tag = endpoint.tag,
      .access = endpoint.access,
      .bucket = endpoint.bucket,
      .cost = endpoint.cost,
      .success = endpoint.success,
      .selector = endpoint.selector,
      .errors = {endpoint.errors.codes().begin(), endpoint.errors.codes().end()},
      .request = &type_info<Req>,
      .response = nullptr,
      .raw_response = std::is_same_v<Res, RawBody>,
      .content_type = endpoint.content_type,
  };
  if constexpr (Described<Res>) info.response = &type_info<Res>;
  if (authentication) {
    info.errors.insert(info.errors.end(), authentication->errors.begin(), authentication->errors.end());
  }
  add_route(std::move(info), [&](RouteInfo complete) -> std::unique_ptr<detail::Route> {
    return std::make_unique<detail::TypedRoute<P, Req, Res>>(std::move(complete), endpoint.limit_subject,
                                                             std::move(handler), std::move(authentication));
  });
}

}  // namespace latchkey::http

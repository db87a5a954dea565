#include "http/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <thread>
#include <vector>

#include "base/infra_error.h"
#include "http/connection.h"
#include "http/problem.h"
#include "http/response_text.h"
#include "http/thread.h"
#include "http/tls.h"

namespace latchkey::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

using Acceptor = asio::basic_socket_acceptor<tcp, IoExecutor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, IoExecutor>;

constexpr int kBacklog = 4096;
constexpr std::chrono::milliseconds kPauseWhenAcceptFails{100};
constexpr std::chrono::seconds kTlsCheckInterval{10};

unsigned count_of_threads(unsigned wanted) {
  return wanted != 0 ? wanted : std::max(1U, std::thread::hardware_concurrency());
}

// Often enough that no time limit is overrun by much.
std::chrono::milliseconds tick_of(const ServerSettings& settings) {
  const auto shortest = std::min(
      {settings.header_timeout, settings.body_timeout, settings.write_timeout, settings.idle_timeout});
  return std::clamp(shortest / 8, std::chrono::milliseconds(5), std::chrono::milliseconds(500));
}

ClientAddress to_client_address(const asio::ip::address& address) {
  return address.is_v4() ? ClientAddress(address.to_v4().to_bytes())
                         : ClientAddress(address.to_v6().to_bytes());
}

}  // namespace

class Server::Impl {
 public:
  Impl(ServerSettings settings, const Router& router, const Runtime& runtime, base::Random& random,
       RequestObserver* observer)
      : core_{.settings = std::move(settings),
              .router = router,
              .runtime = runtime,
              .random = random,
              .observer = observer},
        policy_(std::make_shared<ConnectionPolicy>(
            ConnectionPolicy{core_.settings.cors, core_.settings.trusted_proxies})) {
    for (unsigned i = 0; i < count_of_threads(core_.settings.io_threads); ++i) {
      io_.push_back(std::make_unique<IoThread>(core_, tick_of(core_.settings)));
    }
    if (core_.settings.tls) tls_ = std::make_unique<SslReloader>(*core_.settings.tls);
    acceptor_.emplace(io_.front()->context());
    accept_timer_.emplace(io_.front()->context());
    tls_timer_.emplace(io_.front()->context());
    listen();
  }

  std::uint16_t port() const { return port_; }
  const ServerCore& core() const { return core_; }

  void start() {
    accept();
    if (tls_) check_tls_later();
    for (std::size_t i = 0; i < io_.size(); ++i) {
      threads_.push_back(
          std::make_unique<Thread>(fmt::format("io-{}", i), [io = io_[i].get()] { io->run(); }));
    }
  }

  void stop(std::chrono::milliseconds deadline) {
    if (std::exchange(stopped_, true)) return;
    if (threads_.empty()) return;
    std::mutex mutex;
    std::condition_variable drained;
    std::size_t left = io_.size();
    for (const auto& io : io_) {
      asio::post(io->context(), [&, io = io.get()] {
        if (io == io_.front().get()) {
          error_code ignored;
          acceptor_->close(ignored);
          accept_timer_->cancel();
          tls_timer_->cancel();
        }
        io->drain();
        const std::lock_guard lock(mutex);
        --left;
        drained.notify_one();
      });
    }
    {
      // From here on no I/O thread adds a connection that does not know it has to go.
      std::unique_lock lock(mutex);
      drained.wait(lock, [&] { return left == 0; });
    }
    if (!core_.count.wait_for_none(deadline)) {
      core_.runtime.logger.warn("connections cut", {{"count", core_.count.get()}});
    }
    for (const auto& io : io_) io->context().stop();
    threads_.clear();
  }

  void reload(CorsPolicy cors, TrustedProxies trusted_proxies) {
    auto policy =
        std::make_shared<ConnectionPolicy>(ConnectionPolicy{std::move(cors), std::move(trusted_proxies)});
    const std::lock_guard lock(policy_mutex_);
    policy_ = std::move(policy);
  }

  base::Result<void> reload_tls() { return tls_ ? tls_->reload() : base::Result<void>(); }

 private:
  void listen() {
    const ServerSettings& settings = core_.settings;
    try {
      const tcp::endpoint endpoint(asio::ip::make_address(settings.address), settings.port);
      acceptor_->open(endpoint.protocol());
      acceptor_->set_option(asio::socket_base::reuse_address(true));
      acceptor_->bind(endpoint);
      acceptor_->listen(kBacklog);
      port_ = acceptor_->local_endpoint().port();
    } catch (const boost::system::system_error& error) {
      throw base::InfraError(base::ErrorCode::internal_error,
                             fmt::format("cannot listen on {} port {}: {}", settings.address, settings.port,
                                         error.code().message()));
    }
  }

  void accept() {
    IoThread& io = *io_[next_io_++ % io_.size()];
    acceptor_->async_accept(io.context(), [this, &io](error_code error, Socket socket) {
      if (error == asio::error::operation_aborted || !acceptor_->is_open()) return;
      if (error) return accept_later(error);
      take(io, std::move(socket));
      accept();
    });
  }

  // No file descriptor left, most likely: wait for some to come back.
  void accept_later(error_code error) {
    core_.runtime.logger.warn("cannot accept connections", {{"reason", error.message()}});
    accept_timer_->expires_after(kPauseWhenAcceptFails);
    accept_timer_->async_wait([this](error_code cancelled) {
      if (!cancelled && acceptor_->is_open()) accept();
    });
  }

  void take(IoThread& io, Socket socket) {
    error_code error;
    const tcp::endpoint peer = socket.remote_endpoint(error);
    if (error) return;  // gone already
    socket.set_option(tcp::no_delay(true), error);
    socket.non_blocking(true, error);
    if (core_.count.get() >= core_.settings.max_connections) return refuse(std::move(socket));
    std::shared_ptr<const ConnectionPolicy> policy;
    {
      const std::lock_guard lock(policy_mutex_);
      policy = policy_;
    }
    auto begin = [this, &io, socket = std::move(socket), address = to_client_address(peer.address()),
                  policy = std::move(policy), tls = tls_ ? tls_->current() : nullptr]() mutable {
      if (io.draining()) return;
      make_connection(core_, io, std::move(socket), address, std::move(policy), std::move(tls))->start();
    };
    asio::dispatch(io.context(), std::move(begin));
  }

  void refuse(Socket socket) {
    if (tls_) return;
    const Request request;
    Response response;
    const std::string request_id = fmt::format("refused-{}", ++refused_);
    write_problem({.code = base::ErrorCode::overloaded, .detail = "too many connections"}, request_id,
                  response);
    std::string text;
    std::shared_ptr<const ConnectionPolicy> policy;
    {
      const std::lock_guard lock(policy_mutex_);
      policy = policy_;
    }
    const std::string_view rest = append_answer(response,
                                                {.request = request,
                                                 .cors = policy->cors,
                                                 .request_id = request_id,
                                                 .date = http_date(core_.runtime.clock.now()),
                                                 .close = true},
                                                text);
    text += rest;
    error_code ignored;
    socket.write_some(asio::buffer(text), ignored);
    socket.shutdown(asio::socket_base::shutdown_send, ignored);
  }

  void check_tls_later() {
    tls_timer_->expires_after(kTlsCheckInterval);
    tls_timer_->async_wait([this](error_code cancelled) {
      if (cancelled) return;
      if (const auto result = tls_->reload_if_changed(); !result) {
        core_.runtime.logger.error("certificate not reloaded", {{"reason", result.error().detail}});
      }
      check_tls_later();
    });
  }

  ServerCore core_;
  std::mutex policy_mutex_;
  std::shared_ptr<const ConnectionPolicy> policy_;
  std::unique_ptr<SslReloader> tls_;
  std::vector<std::unique_ptr<IoThread>> io_;
  std::optional<Acceptor> acceptor_;
  std::optional<Timer> accept_timer_;
  std::optional<Timer> tls_timer_;
  std::uint16_t port_ = 0;
  std::size_t next_io_ = 0;
  std::uint64_t refused_ = 0;
  bool stopped_ = false;
  std::vector<std::unique_ptr<Thread>> threads_;
};

Server::Server(ServerSettings settings, const Router& router, const Runtime& runtime, base::Random& random,
               RequestObserver* observer)
    : impl_(std::make_unique<Impl>(std::move(settings), router, runtime, random, observer)) {}
Server::~Server() { stop(std::chrono::milliseconds(0)); }

std::uint16_t Server::port() const { return impl_->port(); }

std::string Server::url() const {
  const ServerSettings& settings = impl_->core().settings;
  const bool v6 = settings.address.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}", settings.tls ? "https" : "http", v6 ? "[" : "", settings.address,
                     v6 ? "]" : "", port());
}

std::size_t Server::connections() const { return impl_->core().count.get(); }
void Server::start() { impl_->start(); }
void Server::stop(std::chrono::milliseconds deadline) { impl_->stop(deadline); }
void Server::reload(CorsPolicy cors, TrustedProxies trusted_proxies) {
  impl_->reload(std::move(cors), std::move(trusted_proxies));
}
base::Result<void> Server::reload_tls() { return impl_->reload_tls(); }

}  // namespace latchkey::http

// The yardstick for JWKS: the least an HTTP server on Boost.Beast can do. Every request, whatever it asks
// for, gets the same answer, of a JWKS's size; no routes, limits, CORS or logs.
//   bare_beast PORT    (0: any free one; prints "listening on 127.0.0.1:PORT")
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

constexpr std::chrono::seconds kTimeout{30};
const std::string kBody(280, 'k');

class Session : public std::enable_shared_from_this<Session> {
 public:
  explicit Session(tcp::socket socket) : stream_(std::move(socket)) {}

  void read() {
    request_ = {};
    stream_.expires_after(kTimeout);
    http::async_read(stream_, buffer_, request_,
                     [self = shared_from_this()](beast::error_code error, std::size_t) {
                       if (!error) self->write();
                     });
  }

 private:
  void write() {
    response_ = http::response<http::string_body>(http::status::ok, request_.version());
    response_.set(http::field::content_type, "application/json; charset=utf-8");
    response_.set(http::field::cache_control, "public, max-age=600");
    response_.keep_alive(request_.keep_alive());
    response_.body() = kBody;
    response_.prepare_payload();
    stream_.expires_after(kTimeout);
    http::async_write(stream_, response_, [self = shared_from_this()](beast::error_code error, std::size_t) {
      if (!error && self->response_.keep_alive()) self->read();
    });
  }

  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response<http::string_body> response_;
};

// Connections go round the threads' contexts, so nothing is shared between threads.
class Listener {
 public:
  Listener(std::vector<std::unique_ptr<asio::io_context>>& contexts, std::uint16_t port)
      : contexts_(contexts),
        acceptor_(*contexts.front(), tcp::endpoint(asio::ip::address_v4::loopback(), port)) {}

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

  void accept() {
    asio::io_context& context = *contexts_[next_++ % contexts_.size()];
    acceptor_.async_accept(context, [this, &context](beast::error_code error, tcp::socket socket) {
      if (!error) {
        beast::error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        asio::dispatch(context, [socket = std::move(socket)]() mutable {
          std::make_shared<Session>(std::move(socket))->read();
        });
      }
      accept();
    });
  }

 private:
  std::vector<std::unique_ptr<asio::io_context>>& contexts_;
  tcp::acceptor acceptor_;
  std::size_t next_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: bare_beast PORT\n");
    return 2;
  }
  std::vector<std::unique_ptr<asio::io_context>> contexts;
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  for (unsigned i = 0; i < cores; ++i) contexts.push_back(std::make_unique<asio::io_context>(1));
  Listener listener(contexts, static_cast<std::uint16_t>(std::atoi(argv[1])));
  listener.accept();
  std::printf("listening on 127.0.0.1:%u\n", static_cast<unsigned>(listener.port()));
  std::fflush(stdout);
  std::vector<std::jthread> threads;
  for (const auto& context : contexts) {
    threads.emplace_back([&context] {
      const auto work = asio::make_work_guard(*context);
      context->run();
    });
  }
}

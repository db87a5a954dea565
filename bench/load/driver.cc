#include "load/driver.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <queue>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "load/reply.h"

namespace latchkey::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::seconds kSilence{30};
constexpr std::size_t kReceiveBytes = 8192;

[[noreturn]] void fail_with_errno(std::string_view what) {
  throw std::runtime_error(fmt::format("{}: {}", what, std::strerror(errno)));
}

// Owns a file descriptor.
class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

struct Connection {
  Group* group = nullptr;
  std::size_t index = 0;  // within the group
  Fd socket{};
  ReplyReader reader{};
  bool busy = false;  // a request is under way
  SteadyClock::time_point sent_at{};
  std::uint64_t requests = 0;
};

// A connection between two requests.
struct Pausing {
  SteadyClock::time_point due;
  Connection* connection;
  bool operator>(const Pausing& other) const { return due > other.due; }
};

class Driver {
 public:
  Driver(const Target& target, std::vector<Group>& groups, const Schedule& schedule)
      : schedule_(schedule), epoll_(::epoll_create1(0)) {
    if (epoll_.get() < 0) fail_with_errno("epoll_create1");
    address_.sin_family = AF_INET;
    address_.sin_port = htons(target.port);
    if (::inet_pton(AF_INET, target.host.c_str(), &address_.sin_addr) != 1) {
      throw std::runtime_error(fmt::format("{} is not an IPv4 address", target.host));
    }
    for (auto& group : groups) {
      for (std::size_t i = 0; i < group.connections; ++i) {
        connections_.push_back(std::make_unique<Connection>(Connection{.group = &group, .index = i}));
        connect(*connections_.back());
      }
    }
  }

  double run() {
    phase_begin_ = SteadyClock::now();
    if (schedule_.requests_each > 0) begin_measuring(phase_begin_);
    now_ = phase_begin_;
    for (auto& connection : connections_) {
      // Those that pause begin one after the other.
      send_after(*connection, connection->group->pause * connection->index / connection->group->connections);
    }
    std::array<epoll_event, 256> events;
    while (under_way_ > 0 || !pausing_.empty()) {
      const timespec wait = time_to_wait();
      const int ready =
          ::epoll_pwait2(epoll_.get(), events.data(), static_cast<int>(events.size()), &wait, nullptr);
      if (ready < 0 && errno == EINTR) continue;
      if (ready < 0) fail_with_errno("epoll_pwait2");
      if (ready == 0 && pausing_.empty()) {
        throw std::runtime_error("the server has not answered for 30 seconds");
      }
      now_ = SteadyClock::now();
      move_phase();
      while (!pausing_.empty() && pausing_.top().due <= now_) {
        Connection& connection = *pausing_.top().connection;
        pausing_.pop();
        send_next(connection);
      }
      for (int i = 0; i < ready; ++i) {
        receive(*static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr));
      }
    }
    if (phase_ == Phase::measured) end_measuring(SteadyClock::now());
    return measured_seconds_;
  }

 private:
  enum class Phase { warm_up, measured, over };

  void connect(Connection& connection) {
    connection.socket = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int fd = connection.socket.get();
    if (fd < 0) fail_with_errno("socket");
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address_), sizeof address_) != 0)
      fail_with_errno("connect");
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &connection;
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) fail_with_errno("epoll_ctl");
  }

  void begin_measuring(SteadyClock::time_point at) {
    phase_ = Phase::measured;
    phase_begin_ = at;
    if (schedule_.on_measured_begin) schedule_.on_measured_begin();
  }
  void end_measuring(SteadyClock::time_point at) {
    phase_ = Phase::over;
    measured_seconds_ = std::chrono::duration<double>(at - phase_begin_).count();
    if (schedule_.on_measured_end) schedule_.on_measured_end();
  }
  void move_phase() {
    if (schedule_.requests_each > 0) return;
    const auto elapsed = now_ - phase_begin_;
    if (phase_ == Phase::warm_up && elapsed >= schedule_.warm_up)
      begin_measuring(now_);
    else if (phase_ == Phase::measured && elapsed >= schedule_.measured)
      end_measuring(now_);
  }

  bool may_send(const Connection& connection) const {
    return schedule_.requests_each > 0 ? connection.requests < schedule_.requests_each
                                       : phase_ != Phase::over;
  }

  void send_after(Connection& connection, std::chrono::milliseconds pause) {
    if (pause.count() == 0 || !may_send(connection)) return send_next(connection);
    pausing_.push({now_ + pause, &connection});
  }
  timespec time_to_wait() const {
    const auto wait = pausing_.empty() ? std::chrono::nanoseconds(kSilence)
                                       : std::max(pausing_.top().due - now_, std::chrono::nanoseconds(0));
    return {.tv_sec = wait.count() / 1'000'000'000, .tv_nsec = wait.count() % 1'000'000'000};
  }

  void send_next(Connection& connection) {
    if (!may_send(connection)) return;
    const auto request = connection.group->work->next_request(connection.index);
    ++connection.requests;
    ++under_way_;
    connection.busy = true;
    connection.sent_at = SteadyClock::now();
    // Requests are far smaller than a socket's buffer, so a send takes all or the connection is gone; the
    // latter shows when its end is read.
    if (::send(connection.socket.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0 && errno != EPIPE &&
        errno != ECONNRESET) {
      fail_with_errno("send");
    }
  }

  void receive(Connection& connection) {
    const auto got =
        ::recv(connection.socket.get(), connection.reader.space(kReceiveBytes), kReceiveBytes, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) return lose(connection);
    connection.reader.received(static_cast<std::size_t>(got));
    const auto reply = connection.reader.whole();
    if (!reply) return;
    connection.group->work->take_answer(connection.index, *reply);
    if (phase_ == Phase::measured) note(connection, *reply);
    const bool closes = reply->closes;
    connection.reader.clear();
    connection.busy = false;
    --under_way_;
    if (closes) connect(connection);
    send_after(connection, connection.group->pause);
  }

  // The server closed the connection.
  void lose(Connection& connection) {
    connection.reader.clear();
    const bool was_busy = std::exchange(connection.busy, false);
    if (was_busy) {
      --under_way_;
      if (phase_ == Phase::measured) ++connection.group->failures["closed"];
    }
    if (!may_send(connection)) {
      connection.socket = Fd();
      return;
    }
    connect(connection);
    if (was_busy || connection.group->pause.count() == 0) send_next(connection);  // else its pause goes on
  }

  void note(const Connection& connection, const Reply& reply) {
    auto& group = *connection.group;
    if (reply.status / 100 == 2) {
      group.latency.add(SteadyClock::now() - connection.sent_at);
    } else {
      ++group.failures[fmt::format("{} {}", reply.status, find_text_member(reply.body, "code"))];
    }
  }

  const Schedule& schedule_;
  sockaddr_in address_{};
  Fd epoll_;
  std::vector<std::unique_ptr<Connection>> connections_;
  Phase phase_ = Phase::warm_up;
  SteadyClock::time_point phase_begin_, now_;
  std::size_t under_way_ = 0;
  std::priority_queue<Pausing, std::vector<Pausing>, std::greater<>> pausing_;
  double measured_seconds_ = 0;
};

}  // namespace

double run_load(const Target& target, std::vector<Group>& groups, const Schedule& schedule) {
  return Driver(target, groups, schedule).run();
}

}  // namespace latchkey::bench

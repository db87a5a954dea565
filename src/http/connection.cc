#include "http/connection.h"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <vector>

#include "base/scheduling.h"
#include "http/problem.h"
#include "http/response_text.h"

namespace latchkey::http {

namespace asio = boost::asio;
using boost::system::error_code;

void ConnectionCount::remove() {
  if (--count_ > 0) return;
  const std::lock_guard lock(mutex_);
  none_left_.notify_all();
}

bool ConnectionCount::wait_for_none(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  return none_left_.wait_for(lock, limit, [this] { return count_ == 0; });
}

IoThread::IoThread(const ServerCore& core, std::chrono::milliseconds tick) : core_(core), tick_(tick) {}

IoThread::~IoThread() {
  const std::vector<Connection*> left(connections_.begin(), connections_.end());
  for (Connection* connection : left) connection->release();
}

void IoThread::run() {
  base::ask_for_short_time_slices();
  id_ = std::this_thread::get_id();
  const auto work = asio::make_work_guard(context_);
  context_.run();
}

void IoThread::drain() {
  draining_ = true;
  const std::vector<Connection*> all(connections_.begin(), connections_.end());
  for (Connection* connection : all) connection->drain();
}

std::list<Connection*>::iterator IoThread::add(Connection* connection) {
  const auto place = connections_.insert(connections_.end(), connection);
  if (!ticking_) wait_for_tick();
  return place;
}

void IoThread::wait_for_tick() {
  ticking_ = true;
  timer_.expires_after(tick_);
  timer_.async_wait([this](error_code error) {
    ticking_ = false;
    if (error) return;
    const SteadyTime now = core_.runtime.clock.steady_now();
    for (auto place = connections_.begin(); place != connections_.end();) (*place++)->check_deadline(now);
    if (!connections_.empty()) wait_for_tick();
  });
}

std::string_view IoThread::date(base::Timestamp now) {
  const std::int64_t second = base::to_unix_seconds(now);
  if (second != date_second_) {
    date_second_ = second;
    date_ = http_date(now);
  }
  return date_;
}

namespace {

constexpr SteadyTime kNever = SteadyTime::max();
constexpr std::chrono::milliseconds kLingerTime{2000};
constexpr std::size_t kLingerBytes = 1024 * 1024;
// So many requests of one pipeline are answered before other connections get their turn.
constexpr int kRequestsInARow = 32;
// What buffers may keep between two requests of a connection.
constexpr std::size_t kLargestKept = 2048;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

using TlsStream = asio::ssl::stream<Socket>;

template <class Stream>
class ConnectionOn final : public Connection {
  static constexpr bool kTls = std::is_same_v<Stream, TlsStream>;

 public:
  ConnectionOn(ServerCore& core, IoThread& io, Stream stream, ClientAddress peer,
               std::shared_ptr<const ConnectionPolicy> policy, std::shared_ptr<asio::ssl::context> tls)
      : core_(core),
        io_(io),
        policy_(std::move(policy)),
        tls_(std::move(tls)),
        stream_(std::move(stream)),
        peer_(peer),
        reader_({.header_bytes = core.settings.max_header_bytes,
                 .uri_bytes = core.settings.max_uri_bytes,
                 .body_bytes = core.settings.max_body_bytes}) {
    client = peer;
    core_.count.add();
    place_ = io_.add(this);
    std::array<std::byte, 8> random;
    core_.random.fill(random);
    request_id.reserve(32);
    for (const std::byte byte : random) {
      constexpr std::string_view kHex = "0123456789abcdef";
      request_id += kHex[std::to_integer<unsigned>(byte) >> 4];
      request_id += kHex[std::to_integer<unsigned>(byte) & 15U];
    }
    id_prefix_size_ = request_id.size();
  }
  ConnectionOn(const ConnectionOn&) = delete;
  ConnectionOn& operator=(const ConnectionOn&) = delete;
  ~ConnectionOn() override {
    request.clear();
    response.clear();
    io_.remove(place_);
    core_.count.remove();
  }

  void start() override {
    deadline_ = steady_now() + core_.settings.header_timeout;
    if constexpr (kTls) {
      state_ = State::handshake;
      stream_.async_handshake(asio::ssl::stream_base::server, [self = self()](error_code error) {
        if (error || self->state_ == State::closed) return self->close();
        self->read();
      });
    } else {
      read();
    }
  }

  void drain() override {
    const auto keep = self();
    if (state_ == State::handshake || (state_ == State::reading && !reader_.started())) close();
  }

  void check_deadline(SteadyTime steady) override {
    if (steady < deadline_) return;
    const auto keep = self();
    if (state_ == State::reading && reader_.started()) {
      fail({.code = base::ErrorCode::request_timeout});
    } else {
      close();
    }
  }

  void release() override { in_work_.reset(); }

  void finish() override {
    if (io_.is_current()) {
      finished_in_place_ = true;  // `dispatch` is still on the stack
      return;
    }
    asio::post(io_.context(), [self = self()] { self->finished_elsewhere(); });
  }
  void finish_after(Task last) override {
    if (io_.is_current()) {
      last();
      finished_in_place_ = true;
      return;
    }
    asio::post(io_.context(), [self = self(), last = std::move(last)]() mutable {
      last();
      self->finished_elsewhere();
    });
  }

 private:
  enum class State : std::uint8_t { handshake, reading, working, writing, lingering, closed };
  enum class Next : std::uint8_t { go_on, wait };

  std::shared_ptr<ConnectionOn> self() { return std::static_pointer_cast<ConnectionOn>(shared_from_this()); }
  Socket& socket() {
    if constexpr (kTls) {
      return stream_.next_layer();
    } else {
      return stream_;
    }
  }
  SteadyTime steady_now() const { return core_.runtime.clock.steady_now(); }

  void read() {
    state_ = State::reading;
    const std::span<char> space = reader_.space();
    stream_.async_read_some(asio::buffer(space.data(), space.size()),
                            [self = self()](error_code error, std::size_t bytes) {
                              if (self->state_ != State::reading) return;
                              if (error) return self->close();
                              if (!self->reader_.started()) {
                                self->deadline_ = self->steady_now() + self->core_.settings.header_timeout;
                              }
                              self->reader_.filled(bytes);
                              self->drive();
                            });
  }

  // Works off what has been read, until bytes or an answer must be waited for.
  void drive() {
    for (int i = 0; i < kRequestsInARow; ++i) {
      switch (reader_.parse(request)) {
        case RequestReader::Progress::needs_header:
          return read();
        case RequestReader::Progress::needs_body:
          return read_body();
        case RequestReader::Progress::failed:
          return fail({.code = reader_.error()});
        case RequestReader::Progress::complete:
          if (handle() == Next::wait) return;
      }
    }
    asio::post(io_.context(), [self = self()] {
      if (self->state_ != State::closed) self->drive();
    });
  }

  void read_body() {
    if (!reading_body_) {
      reading_body_ = true;
      deadline_ = steady_now() + core_.settings.body_timeout;
    }
    if (!reader_.take_expectation()) return read();
    asio::async_write(stream_, asio::buffer(kContinue), [self = self()](error_code error, std::size_t) {
      if (self->state_ == State::closed) return;
      if (error) return self->close();
      self->read();
    });
  }

  void begin_exchange() {
    state_ = State::working;
    deadline_ = kNever;
    reading_body_ = false;
    started = steady_now();
    now = core_.runtime.clock.now();
    route = nullptr;
    operation = kNoOperation;
    error_detail.clear();
    response.clear();
    request_id.resize(id_prefix_size_);
    request_id += '-';
    std::array<char, 20> digits;
    request_id.append(digits.data(),
                      std::to_chars(digits.data(), digits.data() + digits.size(), ++requests_).ptr);
    client = policy_->trusted_proxies.find_client(peer_, request.headers);
  }

  Next handle() {
    begin_exchange();
    if (request.method == Method::options) {
      response.status = 204;
      return answer();
    }
    finished_in_place_ = false;
    core_.router.dispatch(*this, core_.runtime);
    if (finished_in_place_) return answer();
    in_work_ = self();
    return Next::wait;
  }

  void finished_elsewhere() {
    in_work_.reset();
    if (state_ == State::closed) return;
    if (answer() == Next::go_on) drive();
  }

  // The connection cannot go on: one more answer, and the end.
  void fail(const base::Error& error) {
    begin_exchange();
    broken_ = true;
    write_problem(error, request_id, response);
    answer();
  }

  Next answer() {
    closing_ = broken_ || io_.draining() || !reader_.keep_alive();
    out_.clear();
    uncopied_ = append_answer(response,
                              {.request = request,
                               .cors = policy_->cors,
                               .request_id = request_id,
                               .date = io_.date(now),
                               .close = closing_,
                               .http_1_0 = reader_.is_http_1_0()},
                              out_);
    const SteadyTime ready = steady_now();
    if (core_.observer != nullptr) {
      core_.observer->on_answer({.operation_id = operation,
                                 .method = request.method,
                                 .path = request.path,
                                 .status = response.status,
                                 .error = response.error,
                                 .error_detail = error_detail,
                                 .duration = ready - started,
                                 .bytes = out_.size() + uncopied_.size(),
                                 .client = client,
                                 .request_id = request_id});
    }
    state_ = State::writing;
    deadline_ = ready + core_.settings.write_timeout;
    return send();
  }

  Next send() {
    std::size_t sent = 0;
    if constexpr (!kTls) {
      // Nearly always the socket takes all of it at once, and no handler is needed.
      error_code error;
      sent = uncopied_.empty() ? stream_.write_some(asio::buffer(out_), error)
                               : stream_.write_some(after(0), error);
      if (error && error != asio::error::would_block) {
        close();
        return Next::wait;
      }
      if (sent == out_.size() + uncopied_.size()) return after_answer();
    }
    asio::async_write(stream_, after(sent), [self = self()](error_code error, std::size_t) {
      if (self->state_ == State::closed) return;
      if (error) return self->close();
      if (self->after_answer() == Next::go_on) self->drive();
    });
    return Next::wait;
  }

  // What of the answer comes after its first `sent` bytes.
  std::array<asio::const_buffer, 2> after(std::size_t sent) const {
    const std::size_t of_out = std::min(sent, out_.size());
    return {asio::buffer(out_) + of_out,
            asio::const_buffer(uncopied_.data(), uncopied_.size()) + (sent - of_out)};
  }

  // A thousand connections that each once had a session's answer would hold megabytes.
  static void release_if_large(std::string& text) {
    if (text.capacity() > kLargestKept) std::string().swap(text);
  }

  Next after_answer() {
    if (closing_) {
      linger();
      return Next::wait;
    }
    request.clear();
    response.clear();
    uncopied_ = {};
    reader_.next();
    for (std::string* text : {&request.body, &response.body, &out_}) release_if_large(*text);
    state_ = State::reading;
    const bool next_has_begun = reader_.started();
    deadline_ = steady_now() + (next_has_begun ? core_.settings.header_timeout : core_.settings.idle_timeout);
    if (io_.draining() && !next_has_begun) {
      close();
      return Next::wait;
    }
    return Next::go_on;
  }

  // Ends our side and swallows what the client still sends, for a while: closing with unread bytes would make
  // the kernel reset the connection and take the answer away from the client (RFC 9112 §9.6).
  void linger() {
    state_ = State::lingering;
    deadline_ = steady_now() + std::min(kLingerTime, core_.settings.write_timeout);
    if constexpr (kTls) {
      stream_.async_shutdown([self = self()](error_code) { self->close(); });
    } else {
      error_code ignored;
      socket().shutdown(asio::socket_base::shutdown_send, ignored);
      swallow();
    }
  }

  void swallow() {
    out_.resize(4096);
    socket().async_read_some(asio::buffer(out_), [self = self()](error_code error, std::size_t bytes) {
      if (self->state_ != State::lingering) return;
      self->swallowed_ += bytes;
      if (error || self->swallowed_ > kLingerBytes) return self->close();
      self->swallow();
    });
  }

  void close() {
    if (state_ == State::closed) return;
    state_ = State::closed;
    deadline_ = kNever;
    error_code ignored;
    socket().close(ignored);
  }

  ServerCore& core_;
  IoThread& io_;
  const std::shared_ptr<const ConnectionPolicy> policy_;
  const std::shared_ptr<asio::ssl::context> tls_;  // outlives the stream
  Stream stream_;
  const ClientAddress peer_;
  std::list<Connection*>::iterator place_;
  RequestReader reader_;
  State state_ = State::reading;
  SteadyTime deadline_ = kNever;
  std::string out_;
  std::string_view uncopied_;  // of the response, to be sent behind out_
  std::size_t id_prefix_size_ = 0;
  std::uint64_t requests_ = 0;
  std::size_t swallowed_ = 0;
  bool reading_body_ = false;
  bool finished_in_place_ = false;
  bool closing_ = false;
  bool broken_ = false;
  std::shared_ptr<ConnectionOn> in_work_;  // itself, while a lane has it
};

}  // namespace

std::shared_ptr<Connection> make_connection(ServerCore& core, IoThread& io, Socket socket, ClientAddress peer,
                                            std::shared_ptr<const ConnectionPolicy> policy,
                                            std::shared_ptr<asio::ssl::context> tls) {
  if (!tls) {
    return std::make_shared<ConnectionOn<Socket>>(core, io, std::move(socket), peer, std::move(policy),
                                                  nullptr);
  }
  TlsStream stream(std::move(socket), *tls);
  return std::make_shared<ConnectionOn<TlsStream>>(core, io, std::move(stream), peer, std::move(policy),
                                                   std::move(tls));
}

}  // namespace latchkey::http

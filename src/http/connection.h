// Connections and the I/O threads they live on. Inside the server only: this header brings Asio with it.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "http/exchange.h"
#include "http/request_reader.h"
#include "http/server.h"

namespace latchkey::http {

using IoExecutor = boost::asio::io_context::executor_type;
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, IoExecutor>;
using SteadyTime = std::chrono::steady_clock::time_point;

// The settings that a connection takes with it from its beginning.
struct ConnectionPolicy {
  CorsPolicy cors;
  TrustedProxies trusted_proxies;
};

// How many connections there are; wakes whoever waits for the last to go. Thread-safe.
class ConnectionCount {
 public:
  void add() { ++count_; }
  void remove();
  std::size_t get() const { return count_; }
  // Whether none was left before the time was up.
  bool wait_for_none(std::chrono::milliseconds limit);

 private:
  std::atomic<std::size_t> count_ = 0;
  std::mutex mutex_;
  std::condition_variable none_left_;
};

// What all connections of a server share. Outlives them.
struct ServerCore {
  const ServerSettings settings;
  const Router& router;
  const Runtime runtime;
  base::Random& random;
  RequestObserver* observer;
  ConnectionCount count{};
};

class IoThread;

// One connection: reads a request, has it answered, writes the answer, and again. All of it happens on one
// I/O thread, except that `finish` may come from a lane. It keeps itself alive through the handlers it waits
// for.
//
//   handshake → reading ⇄ working → writing → reading …           keep-alive
//                  └────────┴─────────→ writing → lingering → closed
class Connection : public Exchange, public std::enable_shared_from_this<Connection> {
 public:
  virtual ~Connection() = default;
  virtual void start() = 0;
  // Closes if idle, else after the answer to the request that is being read or worked on.
  virtual void drain() = 0;
  // Called from time to time: cuts the connection, or answers request_timeout, if its time is up.
  virtual void check_deadline(SteadyTime steady) = 0;
  // After the I/O threads ended: lets go of what keeps the object alive.
  virtual void release() = 0;
};

// One io_context with one thread and its connections, so nothing on it needs a lock. Owned by the server.
class IoThread {
 public:
  IoThread(const ServerCore& core, std::chrono::milliseconds tick);
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;
  ~IoThread();

  // The thread's body.
  void run();
  boost::asio::io_context& context() { return context_; }

  // The rest on the I/O thread only.
  bool is_current() const { return std::this_thread::get_id() == id_; }
  bool draining() const { return draining_; }
  void drain();
  std::list<Connection*>::iterator add(Connection* connection);
  void remove(std::list<Connection*>::iterator place) { connections_.erase(place); }
  // The Date header, made once a second.
  std::string_view date(base::Timestamp now);

 private:
  void wait_for_tick();

  const ServerCore& core_;
  const std::chrono::milliseconds tick_;
  std::list<Connection*> connections_;
  std::thread::id id_;
  bool draining_ = false;
  bool ticking_ = false;
  std::int64_t date_second_ = -1;
  std::string date_;
  boost::asio::io_context context_{1};
  boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                    boost::asio::wait_traits<std::chrono::steady_clock>, IoExecutor>
      timer_{context_};
};

// With a context, the connection speaks TLS.
std::shared_ptr<Connection> make_connection(ServerCore& core, IoThread& io, Socket socket, ClientAddress peer,
                                            std::shared_ptr<const ConnectionPolicy> policy,
                                            std::shared_ptr<boost::asio::ssl::context> tls);

}  // namespace latchkey::http

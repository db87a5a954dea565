// One request and its answer on their way through router and lanes.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "http/lanes.h"
#include "http/message.h"

namespace latchkey::http {

struct RouteInfo;

// The operation of a request that found nothing here.
inline constexpr std::string_view kNoOperation = "none";

// Owned by whoever read the request (a connection, a test). At any time one thread works on it: the I/O
// thread, then the lane that took it; `finish` hands it back.
class Exchange {
 public:
  Request request;
  Response response;
  ClientAddress client;
  std::string request_id;
  base::Timestamp now;
  std::chrono::steady_clock::time_point started;
  const RouteInfo* route = nullptr;           // set by the router when it found one
  std::string_view operation = kNoOperation;  // its id, or the name of the files: for logs and metrics
  std::string error_detail;                   // why `response` is an error: for the log only

  Call call() const;
  // The response is complete. Called exactly once for each request, from any thread; afterwards the caller
  // touches the exchange no more.
  virtual void finish() = 0;
  // The same, after `last` has completed the response on the thread that the exchange came from.
  virtual void finish_after(Task last) = 0;

 protected:
  ~Exchange() = default;
};

}  // namespace latchkey::http

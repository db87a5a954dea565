// Sends the probe's requests: to one host, one after the other, within a budget.
#pragma once

#include <boost/json/value.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "doctor/probe/probe.h"
#include "http/client.h"

namespace latchkey::doctor {

struct ProbeRequest {
  std::string what = {};  // for the progress line: "logging in"
  std::string method = "POST";
  std::string target = "/";
  std::string body = {};
  std::string content_type = "application/json";  // sent with a body only
  std::string bearer = {};
  std::string origin = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
};

// What came back; of a request that failed, how.
struct ProbeReply {
  std::uint16_t status = 0;  // 0: none came
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  std::optional<boost::json::value> json = std::nullopt;  // when the body is JSON
  std::optional<http::ClientFailure> failure = std::nullopt;
  std::chrono::milliseconds took{0};

  bool is_ok() const { return status >= 200 && status < 300; }
  bool is_refusal() const { return status >= 400 && status < 500; }
  bool is_crash() const { return status >= 500; }
  bool is_redirect() const { return status >= 300 && status < 400 && status != 304; }
  std::string header(std::string_view name) const;  // empty when it is not there
  // "401", "200 with a web page", "no answer within 10 s"
  std::string words() const;
};

// Not thread-safe.
class Prober {
 public:
  Prober(const ProbeOptions& options, const ProbeWorld& world, Progress& progress, http::ClientTarget target,
         bool is_local);

  ProbeReply send(const ProbeRequest& request);
  // Both under way at the same time.
  std::pair<ProbeReply, ProbeReply> send_two(const ProbeRequest& first, const ProbeRequest& second);

  unsigned sent() const { return sent_; }
  bool is_exhausted() const { return sent_ >= options_.max_requests; }
  const std::vector<std::string>& leaks() const {
    return leaks_;
  }  // what error bodies showed of the inside, in words
  bool has_seen_limit() const { return has_seen_limit_; }
  std::chrono::milliseconds slowest() const { return slowest_; }
  const std::string& slowest_what() const { return slowest_what_; }
  const std::string& page_in_front() const { return page_in_front_; }

 private:
  http::ClientRequest prepare(const ProbeRequest& request);
  void before(std::string_view what);
  ProbeReply finish(const ProbeRequest& request, std::chrono::steady_clock::time_point begin,
                    http::ClientResult<http::ClientResponse> response);

  const ProbeOptions& options_;
  const ProbeWorld& world_;
  Progress& progress_;
  http::ClientTarget target_;
  http::CallLimits limits_;
  bool is_local_;
  unsigned sent_ = 0;
  std::vector<std::string> leaks_;
  bool has_seen_limit_ = false;
  std::chrono::milliseconds slowest_{0};
  std::string slowest_what_;
  std::string page_in_front_;
};

}  // namespace latchkey::doctor

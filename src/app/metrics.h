// Figures for Prometheus and the request log: both come from watching answers go out.
#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "app/application.h"
#include "http/lanes.h"
#include "http/server.h"

namespace latchkey::app {

// Counts answers by operation and status, with their durations. Counting is a few relaxed atomic additions:
// the table of operations is fixed when the server starts. Thread-safe.
class RequestMetrics final : public http::RequestObserver, public prometheus::Collectable {
 public:
  explicit RequestMetrics(const http::Router& router);
  void on_answer(const http::Observation& observation) override;
  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  // Upper bounds in microseconds; one more bucket holds the rest.
  static constexpr std::array<std::int64_t, 12> kBounds = {100,   250,   500,    1000,   2500,    5000,
                                                           10000, 25000, 100000, 500000, 2500000, 10000000};
  static constexpr std::array<std::uint16_t, 18> kStatuses = {200, 204, 302, 304, 400, 401,
                                                              403, 404, 405, 408, 413, 414,
                                                              422, 429, 431, 500, 503, 0};  // 0: any other
  struct Operation {
    std::array<std::atomic<std::uint64_t>, kStatuses.size()> by_status{};
    std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> by_duration{};
    std::atomic<std::uint64_t> total_us{0};
  };
  std::unordered_map<std::string_view, std::unique_ptr<Operation>> operations_;
};

// What is asked of the parts when somebody looks.
std::vector<prometheus::MetricFamily> collect_gauges(Application& app, const http::Lanes& lanes,
                                                     const http::Server& server,
                                                     std::uint64_t sessions_alive);

// The text format 0.0.4 of Prometheus.
std::string to_prometheus_text(const std::vector<prometheus::MetricFamily>& families);

// Writes one log line for each answer that the settings ask for, never with a secret: path without query,
// status, error code, duration, client, request id. Passes everything on to the metrics. Thread-safe.
class RequestLog final : public http::RequestObserver {
 public:
  RequestLog(base::Logger& log, config::RequestLog which, RequestMetrics& next)
      : log_(log), which_(which), next_(next) {}
  void set(config::RequestLog which) { which_.store(which, std::memory_order_relaxed); }
  void on_answer(const http::Observation& observation) override;

 private:
  base::Logger& log_;
  std::atomic<config::RequestLog> which_;
  RequestMetrics& next_;
};

}  // namespace latchkey::app

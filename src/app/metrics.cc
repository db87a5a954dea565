#include "app/metrics.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <sstream>

namespace latchkey::app {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily family(std::string name, std::string help, MetricType type) {
  MetricFamily result;
  result.name = std::move(name);
  result.help = std::move(help);
  result.type = type;
  return result;
}

MetricFamily single(std::string name, std::string help, MetricType type, double value) {
  MetricFamily result = family(std::move(name), std::move(help), type);
  ClientMetric metric;
  if (type == MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  result.metric.push_back(std::move(metric));
  return result;
}

void add_gauge(MetricFamily& to, std::string label, std::string label_value, double value) {
  ClientMetric metric;
  metric.label.push_back({std::move(label), std::move(label_value)});
  metric.gauge.value = value;
  to.metric.push_back(std::move(metric));
}

}  // namespace

RequestMetrics::RequestMetrics(const http::Router& router) {
  operations_.emplace(http::kNoOperation, std::make_unique<Operation>());
  for (const std::string_view operation : router.operations()) {
    operations_.emplace(operation, std::make_unique<Operation>());
  }
}

void RequestMetrics::on_answer(const http::Observation& observation) {
  auto found = operations_.find(observation.operation_id);
  if (found == operations_.end()) found = operations_.find(http::kNoOperation);
  Operation& operation = *found->second;
  const auto status = std::ranges::find(kStatuses, observation.status);
  const std::size_t status_index =
      status == kStatuses.end() ? kStatuses.size() - 1 : static_cast<std::size_t>(status - kStatuses.begin());
  operation.by_status[status_index].fetch_add(1, std::memory_order_relaxed);
  const std::int64_t us = std::chrono::duration_cast<std::chrono::microseconds>(observation.duration).count();
  const auto bound = std::ranges::lower_bound(kBounds, us);
  operation.by_duration[static_cast<std::size_t>(bound - kBounds.begin())].fetch_add(
      1, std::memory_order_relaxed);
  operation.total_us.fetch_add(static_cast<std::uint64_t>(us), std::memory_order_relaxed);
}

std::vector<MetricFamily> RequestMetrics::Collect() const {
  MetricFamily requests =
      family("latchkey_requests_total", "Answers by operation and status.", MetricType::Counter);
  MetricFamily durations = family("latchkey_request_duration_seconds",
                                  "From the whole request read to the answer ready.", MetricType::Histogram);
  for (const auto& [id, operation] : operations_) {
    for (std::size_t i = 0; i < kStatuses.size(); ++i) {
      const std::uint64_t count = operation->by_status[i].load(std::memory_order_relaxed);
      if (count == 0) continue;
      ClientMetric metric;
      metric.label = {{"operation", std::string(id)},
                      {"status", kStatuses[i] == 0 ? std::string("other") : std::to_string(kStatuses[i])}};
      metric.counter.value = static_cast<double>(count);
      requests.metric.push_back(std::move(metric));
    }
    ClientMetric metric;
    metric.label = {{"operation", std::string(id)}};
    std::uint64_t cumulative = 0;
    for (std::size_t i = 0; i <= kBounds.size(); ++i) {
      cumulative += operation->by_duration[i].load(std::memory_order_relaxed);
      ClientMetric::Bucket bucket;
      bucket.cumulative_count = cumulative;
      bucket.upper_bound = i < kBounds.size() ? static_cast<double>(kBounds[i]) / 1e6
                                              : std::numeric_limits<double>::infinity();
      metric.histogram.bucket.push_back(bucket);
    }
    if (cumulative == 0) continue;
    metric.histogram.sample_count = cumulative;
    metric.histogram.sample_sum =
        static_cast<double>(operation->total_us.load(std::memory_order_relaxed)) / 1e6;
    durations.metric.push_back(std::move(metric));
  }
  return {std::move(requests), std::move(durations)};
}

std::vector<MetricFamily> collect_gauges(Application& app, const http::Lanes& lanes,
                                         const http::Server& server, std::uint64_t sessions_alive) {
  const domain::StoreStats store = app.live().store().stats();
  MetricFamily queued =
      family("latchkey_lane_queue_length", "Requests waiting for a thread.", MetricType::Gauge);
  MetricFamily running = family("latchkey_lane_running", "Requests a thread works on.", MetricType::Gauge);
  for (const auto& [lane, name] :
       {std::pair{http::Lane::storage, "storage"}, std::pair{http::Lane::hash, "hash"}}) {
    add_gauge(queued, "lane", name, static_cast<double>(lanes.queued(lane)));
    add_gauge(running, "lane", name, static_cast<double>(lanes.running(lane)));
  }
  const auto number = [](auto value) { return static_cast<double>(value); };
  return {
      std::move(queued),
      std::move(running),
      single("latchkey_connections", "Open connections.", MetricType::Gauge, number(server.connections())),
      single("latchkey_sessions", "Sessions alive, counted every minute.", MetricType::Gauge,
             number(sessions_alive)),
      single("latchkey_password_hashes_total", "Password hashes computed.", MetricType::Counter,
             number(app.hasher().hashes_done())),
      single("latchkey_password_hash_cpu_seconds_total", "CPU time of the password hashes.",
             MetricType::Counter, std::chrono::duration<double>(app.hasher().cpu_time()).count()),
      single("latchkey_commits_total", "Durable commits.", MetricType::Counter, number(store.commits)),
      single("latchkey_transactions_total",
             "Write transactions; divided by the commits, the mean size of a batch.", MetricType::Counter,
             number(store.transactions)),
      single("latchkey_write_queue_length", "Write transactions waiting for the disk.", MetricType::Gauge,
             number(store.write_queue_length)),
  };
}

std::string to_prometheus_text(const std::vector<MetricFamily>& families) {
  return prometheus::TextSerializer().Serialize(families);
}

void RequestLog::on_answer(const http::Observation& observation) {
  next_.on_answer(observation);
  const bool failed = observation.error.has_value();
  const bool reads = observation.method == http::Method::get || observation.method == http::Method::head ||
                     observation.method == http::Method::options;
  const auto which = which_.load(std::memory_order_relaxed);
  if (!failed && (which == config::RequestLog::errors || (which == config::RequestLog::changes && reads)))
    return;
  const base::LogLevel level = failed ? base::error_info(*observation.error).level : base::LogLevel::info;
  if (!log_.is_enabled(level)) return;
  const std::string client = observation.client.to_string();
  std::vector<base::LogField> fields = {
      {"method", http::to_string(observation.method)},
      {"path", observation.path},
      {"operation", observation.operation_id},
      {"status", observation.status},
      {"ms", std::chrono::duration<double, std::milli>(observation.duration).count()},
      {"client", client},
      {"request_id", observation.request_id}};
  if (failed) {
    fields.emplace_back("code", base::error_info(*observation.error).name);
    fields.emplace_back("detail", observation.error_detail);
  }
  log_.write(level, "request", fields);
}

}  // namespace latchkey::app

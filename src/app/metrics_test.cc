#include "app/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/table.h"

namespace latchkey::app {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Keeps what is logged.
class Lines final : public base::Logger {
 public:
  bool is_enabled(base::LogLevel) const override { return true; }
  void set_level(base::LogLevel) override {}
  void write(base::LogLevel, std::string_view event, std::span<const base::LogField> fields) override {
    std::string line(event);
    for (const base::LogField& field : fields) {
      line.append(" ").append(field.key).append("=");
      if (const auto* text = std::get_if<std::string>(&field.value)) line += *text;
    }
    lines.push_back(std::move(line));
  }
  void flush() override {}
  std::vector<std::string> lines;
};

class Metrics : public ::testing::Test {
 protected:
  Metrics() : app_(open_in_memory(config::default_settings(), lines_)) {
    api::add_environment(router_, "/auth/v1", app_->live());
    const http::File page{.path = "/index.html", .content_type = "text/html", .cache_control = "no-cache"};
    router_.mount({.name = "app",
                   .prefix = "/app",
                   .files = std::make_shared<const http::FileSet>(std::vector{page}, page.path, "")});
    lines_.lines.clear();
  }
  http::Observation answer(std::string_view operation, http::Method method, std::uint16_t status,
                           std::optional<base::ErrorCode> error = std::nullopt) const {
    return {.operation_id = operation,
            .method = method,
            .path = "/auth/v1/login",
            .status = status,
            .error = error,
            .error_detail = {},
            .duration = std::chrono::microseconds(300),
            .bytes = 100,
            .client = client_,
            .request_id = "request-1"};
  }

  Lines lines_;
  std::unique_ptr<Application> app_;
  http::Router router_;
  http::ClientAddress client_;
};

TEST_F(Metrics, CountsByOperationAndStatusWithDurations) {
  RequestMetrics metrics(router_);
  metrics.on_answer(answer("login", http::Method::post, 200));
  metrics.on_answer(answer("login", http::Method::post, 400, base::ErrorCode::invalid_credentials));
  metrics.on_answer(answer("login", http::Method::post, 418));
  metrics.on_answer(answer("no such operation", http::Method::get, 404, base::ErrorCode::not_found));
  metrics.on_answer(answer("app", http::Method::get, 304));
  const std::string text = to_prometheus_text(metrics.Collect());
  EXPECT_THAT(text, HasSubstr("latchkey_requests_total{operation=\"login\",status=\"200\"} 1"));
  EXPECT_THAT(text, HasSubstr("latchkey_requests_total{operation=\"login\",status=\"400\"} 1"));
  EXPECT_THAT(text, HasSubstr("latchkey_requests_total{operation=\"login\",status=\"other\"} 1"));
  EXPECT_THAT(text, HasSubstr("latchkey_requests_total{operation=\"none\",status=\"404\"} 1"));
  EXPECT_THAT(text, HasSubstr("latchkey_requests_total{operation=\"app\",status=\"304\"} 1"));
  EXPECT_THAT(text,
              HasSubstr("latchkey_request_duration_seconds_bucket{operation=\"login\",le=\"0.00025\"} 0"));
  EXPECT_THAT(text,
              HasSubstr("latchkey_request_duration_seconds_bucket{operation=\"login\",le=\"0.0005\"} 3"));
  EXPECT_THAT(text, HasSubstr("latchkey_request_duration_seconds_count{operation=\"login\"} 3"));
  EXPECT_THAT(text, Not(HasSubstr("operation=\"logout\"")));
}

TEST_F(Metrics, LogsWhatTheSettingAsksFor) {
  RequestMetrics metrics(router_);
  RequestLog log(lines_, config::RequestLog::changes, metrics);
  const auto logged = [&](config::RequestLog which, const http::Observation& observation) {
    lines_.lines.clear();
    log.set(which);
    log.on_answer(observation);
    return lines_.lines.size() == 1;
  };
  const auto read = answer("get_user", http::Method::get, 200);
  const auto change = answer("login", http::Method::post, 200);
  const auto failure = answer("get_user", http::Method::get, 401, base::ErrorCode::bad_jwt);
  EXPECT_FALSE(logged(config::RequestLog::changes, read));
  EXPECT_TRUE(logged(config::RequestLog::changes, change));
  EXPECT_TRUE(logged(config::RequestLog::changes, failure));
  EXPECT_TRUE(logged(config::RequestLog::all, read));
  EXPECT_FALSE(logged(config::RequestLog::errors, change));
  EXPECT_TRUE(logged(config::RequestLog::errors, failure));
  EXPECT_THAT(lines_.lines.front(), HasSubstr("code=bad_jwt"));
  EXPECT_THAT(lines_.lines.front(), HasSubstr("request_id=request-1"));
}

}  // namespace
}  // namespace latchkey::app

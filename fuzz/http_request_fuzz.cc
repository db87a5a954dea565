// Fuzzes the whole server without a socket: bytes become requests, go through the router and its handlers on
// a database in memory, and every answer must be well formed: a known status, JSON where it says so, never a
// 500.
#include <atomic>
#include <boost/json.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

#include "api/table.h"
#include "app/application.h"
#include "http/exchange.h"
#include "http/lanes.h"
#include "http/request_reader.h"
#include "http/router.h"
#include "web/app_files.h"

namespace {

namespace http = latchkey::http;

class FuzzExchange final : public http::Exchange {
 public:
  void finish() override {
    ++finished;
    finished.notify_one();
  }
  void finish_after(http::Task last) override {
    last();
    finish();
  }
  std::atomic<int> finished = 0;
};

// One environment for all inputs of a run: what an input leaves behind is part of what the next one meets.
struct World {
  World() {
    latchkey::config::Settings settings = latchkey::config::default_settings();
    settings.password.argon2_memory.bytes = 8 * 1024;
    settings.password.argon2_iterations = 1;
    log = latchkey::base::make_null_logger();
    app = latchkey::app::open_in_memory(settings, *log);
    latchkey::api::add_environment(router, "/auth/v1", app->live());
    latchkey::api::add_root(router, app->live(), {});
    router.mount(
        {.name = "app", .prefix = "/app", .files = latchkey::web::make_app_files({}), .is_front_page = true});
  }
  std::unique_ptr<latchkey::base::Logger> log;
  std::unique_ptr<latchkey::app::Application> app;
  http::InlineLanes lanes;
  http::Router router;
};

void check(const FuzzExchange& exchange) {
  const http::Response& response = exchange.response;
  if (exchange.finished != 1 || response.status < 200 || response.status >= 600 || response.status == 500)
    std::abort();
  if (response.status == 204 || response.body_text().empty()) return;
  const std::string_view type = response.raw ? response.raw->content_type : response.content_type;
  if (!type.starts_with("application/json")) return;
  boost::json::error_code failed;
  boost::json::parse({response.body_text().data(), response.body_text().size()}, failed);
  if (failed) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static World world;
  const http::Runtime runtime{.lanes = world.lanes, .clock = world.app->clock(), .logger = *world.log};
  http::RequestReader reader(http::ReadLimits{});
  FuzzExchange exchange;
  for (;;) {
    exchange.request.clear();
    auto progress = reader.parse(exchange.request);
    while (progress != http::RequestReader::Progress::complete &&
           progress != http::RequestReader::Progress::failed) {
      if (size == 0) return 0;
      const auto space = reader.space();
      const std::size_t count = std::min(space.size(), size);
      std::memcpy(space.data(), data, count);
      reader.filled(count);
      data += count;
      size -= count;
      progress = reader.parse(exchange.request);
    }
    if (progress == http::RequestReader::Progress::failed) {
      if (latchkey::base::error_info(reader.error()).status >= 500) std::abort();
      return 0;
    }
    exchange.response.clear();
    exchange.finished = 0;
    exchange.now = world.app->clock().now();
    world.router.dispatch(exchange, runtime);
    exchange.finished.wait(0);  // a deferred handler is answered by the store's thread
    check(exchange);
    reader.next();
  }
}

#include "app/serve.h"

#include <fmt/format.h>
#include <malloc.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <ctime>
#include <functional>

#include "api/table.h"
#include "app/application.h"
#include "app/metrics.h"
#include "app/open_store.h"
#include "base/infra_error.h"
#include "base/version.h"
#include "flows/maintain.h"
#include "http/openapi.h"
#include "http/server.h"
#include "ratelimit/rate_limiter.h"
#include "web/app_files.h"

namespace latchkey::app {
namespace {

constexpr std::string_view kLiveBase = "/auth/v1";
constexpr std::string_view kAppBase = "/app";

// Where the database is elsewhere, a hash thread waits while it looks the account up, and leaves a core idle;
// a few more threads than memory blocks fill the gap.
constexpr unsigned kSpareHashThreads = 2;

// --- signals
// ---------------------------------------------------------------------------------------------------------

// Blocks the signals that steer the server, for this thread and all it starts; wait() takes them one by one.
class Signals {
 public:
  Signals() {
    sigemptyset(&set_);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set_, signal);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
  }
  // The next signal, or 0 after `timeout`.
  int wait(std::chrono::milliseconds timeout) const {
    const timespec limit{.tv_sec = timeout.count() / 1000, .tv_nsec = timeout.count() % 1000 * 1'000'000};
    const int signal = sigtimedwait(&set_, nullptr, &limit);
    return signal > 0 ? signal : 0;
  }

 private:
  sigset_t set_{};
};

// --- from settings to parts
// ------------------------------------------------------------------------------------------

http::LaneSettings lane_settings(const config::Settings& settings, bool store_is_embedded) {
  return {.storage_threads = settings.lanes.storage_threads,
          .storage_queue = settings.lanes.storage_queue,
          .hash_threads = config::hash_threads(settings, config::Machine::current()) +
                          (store_is_embedded ? 0 : kSpareHashThreads),
          .hash_queue = settings.lanes.hash_queue,
          .store_is_embedded = store_is_embedded};
}

http::CorsPolicy cors_policy(const config::Settings& settings) {
  std::vector<std::string> origins;
  for (const auto& origin : settings.cors.allowed_origins) origins.push_back(origin.text);
  auto policy = http::CorsPolicy::parse(origins);
  if (!policy) throw base::InfraError(base::ErrorCode::internal_error, "cors.allowed_origins");
  return std::move(*policy);
}

http::TrustedProxies trusted_proxies(const config::Settings& settings) {
  std::vector<http::AddressRange> ranges;
  for (const auto& text : settings.server.trusted_proxies) {
    const auto range = http::AddressRange::parse(text.text);
    if (!range) throw base::InfraError(base::ErrorCode::internal_error, "server.trusted_proxies");
    ranges.push_back(*range);
  }
  return http::TrustedProxies(std::move(ranges));
}

http::ServerSettings server_settings(const config::Settings& settings) {
  http::ServerSettings result;
  result.address = settings.server.listen.host;
  result.port = settings.server.listen.port;
  result.io_threads = config::io_threads(settings, config::Machine::current());
  result.max_connections = settings.server.max_connections;
  result.max_header_bytes = settings.http.max_header_bytes.bytes;
  result.max_uri_bytes = settings.http.max_uri_bytes.bytes;
  result.max_body_bytes = settings.http.max_body_bytes.bytes;
  result.header_timeout = settings.http.header_timeout;
  result.body_timeout = settings.http.body_timeout;
  result.write_timeout = settings.http.write_timeout;
  result.idle_timeout = settings.http.idle_timeout;
  if (!settings.tls.certificate.empty()) {
    result.tls = http::TlsFiles{settings.tls.certificate, settings.tls.private_key};
  }
  result.cors = cors_policy(settings);
  result.trusted_proxies = trusted_proxies(settings);
  return result;
}

ratelimit::RateLimiterSettings limiter_settings(const config::Settings& settings) {
  const auto policy = [](const config::Rate& rate) { return ratelimit::BucketPolicy{rate.count, rate.per}; };
  return {.enabled = settings.rate_limit.enabled,
          .max_subjects = settings.rate_limit.subjects,
          .buckets = {{"signup", policy(settings.rate_limit.signup)},
                      {"login", policy(settings.rate_limit.login)},
                      {"refresh", policy(settings.rate_limit.refresh)},
                      {"user", policy(settings.rate_limit.user)},
                      {"anonymous", policy(settings.rate_limit.anonymous)}}};
}

// Between http, which knows no limiter, and the limiter, which knows no http.
class LimiterAdmission final : public http::Admission {
 public:
  explicit LimiterAdmission(ratelimit::RateLimiter& limiter) : limiter_(limiter) {}
  std::optional<std::chrono::seconds> admit(http::Bucket bucket, std::string_view subject_key,
                                            std::chrono::steady_clock::time_point now) override {
    return limiter_.take(bucket.name, subject_key, now);
  }

 private:
  ratelimit::RateLimiter& limiter_;
};

http::OpenApiInfo openapi_info() {
  return {.title = "Latchkey",
          .version = std::string(base::version()),
          .description = "Sign-up, sign-in, refresh, sign-out and the signed-in person's own account."};
}

web::AppConfig app_config(const config::AppSettings& app) {
  return {.title = app.title.text,
          .entry_page = config::Codec<config::AppPage>::text(app.entry_page),
          .logged_in_page = config::Codec<config::AppPage>::text(app.logged_in_page),
          .navigation = config::Codec<config::AppNavigation>::text(app.navigation),
          .persist = app.persist,
          .api_base = std::string(kLiveBase)};
}

std::shared_ptr<const http::RawContent> json_content(std::string body) {
  return std::make_shared<const http::RawContent>(
      http::RawContent{.body = std::move(body), .cache_control = "public, max-age=300"});
}

// --- the server
// ------------------------------------------------------------------------------------------------------

// Everything that listens, in the order it is built; destroyed in the opposite one.
class Service {
 public:
  Service(const config::Settings& settings, Application& app)
      : app_(app),
        lanes_(lane_settings(settings, app.live().store().is_embedded())),
        limiter_(limiter_settings(settings), app.random()),
        admission_(limiter_),
        runtime_{.lanes = lanes_, .clock = app.clock(), .logger = app.log(), .admission = &admission_},
        requests_((add_routes(settings), router_)),
        log_(app.log(), settings.log.requests, requests_),
        server_(server_settings(settings), router_, runtime_, app.random(), &log_) {
    if (settings.metrics.enabled && settings.metrics.listen) {
      api::add_metrics(metrics_router_, [this] { return metrics(); });
      http::ServerSettings own = server_settings(settings);
      own.address = settings.metrics.listen->host;
      own.port = settings.metrics.listen->port;
      own.io_threads = 1;
      own.tls.reset();
      metrics_server_.emplace(own, metrics_router_, runtime_, app.random());
    }
  }

  void start() {
    server_.start();
    if (metrics_server_) metrics_server_->start();
  }
  // Answers what has been asked, then lets the lanes run dry; queued writes are waited for by the store's
  // close.
  void stop(std::chrono::milliseconds deadline) {
    server_.stop(deadline);
    if (metrics_server_) metrics_server_->stop(std::chrono::milliseconds(0));
    lanes_.stop();
  }
  void reload(const config::Settings& settings) {
    limiter_.change_settings(limiter_settings(settings));
    log_.set(settings.log.requests);
    server_.reload(cors_policy(settings), trusted_proxies(settings));
    if (!settings.tls.certificate.empty()) {
      if (auto reloaded = server_.reload_tls(); !reloaded) {
        app_.log().error("the certificate was not reloaded", {{"detail", reloaded.error().detail}});
      }
    }
  }
  void count_sessions() {
    sessions_alive_.store(app_.live().store().read(
        [&](const domain::Tx& tx) { return tx.sessions().count_alive(app_.clock().now()); }));
  }
  std::string url() const { return server_.url(); }
  std::optional<std::string> metrics_url() const {
    if (!metrics_server_) return std::nullopt;
    return metrics_server_->url() + "/metrics";
  }

 private:
  void add_routes(const config::Settings& settings) {
    api::RootDocuments documents;
    if (settings.docs.openapi) {
      documents.openapi = [this] { return openapi_; };
    }
    if (settings.metrics.enabled && !settings.metrics.listen) {
      documents.metrics = [this] { return metrics(); };
    }
    api::add_environment(router_, kLiveBase, app_.live());
    api::add_root(router_, app_.live(), documents);
    if (settings.app.enabled) {
      router_.mount({.name = "app",
                     .prefix = std::string(kAppBase),
                     .files = web::make_app_files(app_config(settings.app)),
                     .is_front_page = true});
    }
    if (settings.docs.openapi)
      openapi_ = json_content(http::openapi_document(router_.routes(), openapi_info()));
  }

  std::shared_ptr<const http::RawContent> metrics() {
    auto families = requests_.Collect();
    for (auto& family : collect_gauges(app_, lanes_, server_, sessions_alive_.load()))
      families.push_back(std::move(family));
    return std::make_shared<const http::RawContent>(http::RawContent{
        .body = to_prometheus_text(families), .content_type = "text/plain; version=0.0.4; charset=utf-8"});
  }

  Application& app_;
  http::Lanes lanes_;
  ratelimit::RateLimiter limiter_;
  LimiterAdmission admission_;
  http::Runtime runtime_;
  http::Router router_;
  std::shared_ptr<const http::RawContent> openapi_;
  std::atomic<std::uint64_t> sessions_alive_{0};
  RequestMetrics requests_;
  RequestLog log_;
  http::Server server_;
  http::Router metrics_router_;
  std::optional<http::Server> metrics_server_;
};

// Jobs that are due now and then, run one after the other by the thread that also takes the signals.
class Jobs {
 public:
  Jobs(Application& app, Service& service) : log_(app.log()), clock_(app.clock()) {
    jobs_.push_back({"keys", std::chrono::seconds(2), [&app] { flows::maintain_keys(app.live()); }});
    jobs_.push_back({"count sessions", std::chrono::seconds(60), [&service] { service.count_sessions(); }});
    jobs_.push_back({"purge", std::chrono::minutes(5), [&app] { flows::purge_old_rows(app.live()); }});
    for (Job& job : jobs_) job.due = clock_.steady_now() + job.every;
  }
  // Runs what is due; how long until the next one is. A job that fails is tried again next time.
  std::chrono::milliseconds run_due() {
    auto next = std::chrono::steady_clock::time_point::max();
    for (Job& job : jobs_) {
      if (job.due <= clock_.steady_now()) {
        try {
          job.run();
        } catch (const std::exception& failure) {
          log_.error("a background job failed", {{"job", job.name}, {"detail", failure.what()}});
        }
        job.due = clock_.steady_now() + job.every;
      }
      next = std::min(next, job.due);
    }
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(next - clock_.steady_now());
    return std::max(wait, std::chrono::milliseconds(1));
  }

 private:
  struct Job {
    std::string_view name;
    std::chrono::seconds every;
    std::function<void()> run;
    std::chrono::steady_clock::time_point due{};
  };
  base::Logger& log_;
  base::Clock& clock_;
  std::vector<Job> jobs_;
};

// Reads the configuration again; one with mistakes changes nothing.
void reload(config::Settings& running, const config::Loader& loader, Application& app, Service& service) {
  const auto fresh = loader.load(config::Machine::current());
  if (!fresh) {
    for (const auto& problem : fresh.error())
      app.log().error("configuration not reloaded", {{"problem", problem.text()}});
    return;
  }
  const config::Reload plan = config::plan_reload(running, fresh->settings);
  running = plan.settings;
  app.log().set_level(running.log.level);
  app.reload(running);
  service.reload(running);
  for (const std::string_view name : plan.changed) app.log().info("setting changed", {{"setting", name}});
  for (const std::string_view name : plan.needs_restart) {
    app.log().warn("setting takes effect after a restart", {{"setting", name}});
  }
  app.log().info("configuration reloaded");
}

// What a person wants to know first, on standard output.
void print_welcome(const config::Settings& settings, const Service& service) {
  const std::string url = service.url();
  fmt::print("Latchkey {} is listening on {}\n", base::version(), url);
  fmt::print("Data: {}\n", describe_database(settings));
  if (settings.app.enabled) fmt::print("App: {}{}\n", url, kAppBase);
  if (const auto metrics = service.metrics_url()) fmt::print("Metrics: {}\n", *metrics);
  fmt::print(
      "Try it:\n"
      "  curl -s {}/auth/v1/signup -H 'Content-Type: application/json' \\\n"
      "    -d '{{\"email\":\"ada@example.com\",\"password\":\"violet-harbour-41-kettle\"}}'\n",
      url);
  std::fflush(stdout);
}

// Room for every connection, and for files beside them.
void raise_file_limit(const config::Settings& settings) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t wanted = static_cast<rlim_t>(settings.server.max_connections) + 512;
  if (limit.rlim_cur >= wanted) return;
  limit.rlim_cur = std::min(wanted, limit.rlim_max);
  setrlimit(RLIMIT_NOFILE, &limit);
}

void report(base::Logger& log, std::string_view what, const std::string& message) {
  log.error(what, {{"detail", message}});
  log.flush();
}

}  // namespace

int serve(const config::Settings& settings, const config::Loader& loader, base::Logger& log) {
  const Signals signals;
  raise_file_limit(settings);
  try {
    auto app = open_application(settings, log);
    if (!app) {
      report(log, "cannot start", app.error().message.value_or(app.error().detail));
      return 1;
    }
    Service service(settings, **app);
    service.start();
    malloc_trim(0);  // gives back what only the start needed
    print_welcome(settings, service);
    log.info("server started", {{"url", service.url()}, {"version", base::version()}});

    config::Settings running = settings;
    Jobs jobs(**app, service);
    for (;;) {
      const int signal = signals.wait(jobs.run_due());
      if (signal == SIGHUP) {
        reload(running, loader, **app, service);
      } else if (signal != 0) {
        break;
      }
    }
    log.info("server stopping");
    service.stop(running.server.shutdown_timeout);
    (*app)->live().store().close();
    log.info("server stopped");
    log.flush();
    return 0;
  } catch (const std::exception& failure) {
    report(log, "cannot go on", failure.what());
    return 1;
  }
}

std::string openapi_document(const config::Settings& settings) {
  // Routes keep references to an environment but describe themselves without it: a store in memory is enough.
  const auto log = base::make_null_logger();
  const auto app = open_in_memory(settings, *log);
  http::Router router;
  api::add_environment(router, kLiveBase, app->live());
  api::RootDocuments documents;
  documents.openapi = [] { return json_content({}); };
  documents.metrics = documents.openapi;
  api::add_root(router, app->live(), documents);
  return http::openapi_document(router.routes(), openapi_info());
}

}  // namespace latchkey::app

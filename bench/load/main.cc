// latchkey-load: an HTTP load generator for Latchkey that prints what it measured as JSON. It shares the
// machine with the server it measures, so it is one thread that does little; what the server costs is read
// from /proc, and CPU seconds, not seconds, are what figures should be judged by.
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <exception>
#include <memory>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/scheduling.h"
#include "load/driver.h"
#include "load/process_meter.h"
#include "load/work.h"

namespace latchkey::bench {
namespace {

struct Options {
  Target target{.host = "127.0.0.1"};
  std::vector<std::string> works;
  std::string sessions_file;
  std::uint64_t accounts = 0;
  std::string prefix;
  pid_t pid = 0;
  double seconds = 5;
  double warm_up = 1;
  std::uint64_t requests_each = 0;
};

// "refresh:64", "refresh:64@20" or "get:16:/healthz"
struct WorkSpec {
  std::string kind;
  std::size_t connections;
  std::chrono::milliseconds pause;
  std::string argument;
};

WorkSpec parse_work(const std::string& text) {
  const auto first = text.find(':');
  if (first == std::string::npos)
    throw std::runtime_error(fmt::format("{}: expected KIND:CONNECTIONS", text));
  const auto second = text.find(':', first + 1);
  const std::string count = text.substr(first + 1, second - first - 1);
  const auto at = count.find('@');
  WorkSpec spec{
      .kind = text.substr(0, first),
      .connections = std::stoul(count),
      .pause = std::chrono::milliseconds(at == std::string::npos ? 0 : std::stoul(count.substr(at + 1))),
      .argument = second == std::string::npos ? "" : text.substr(second + 1)};
  if (spec.connections == 0) throw std::runtime_error(fmt::format("{}: at least one connection", text));
  return spec;
}

std::unique_ptr<Work> make_work(const WorkSpec& spec, const Options& options, SessionPool& pool) {
  if (spec.kind == "get") return make_get(options.target, spec.argument);
  if (spec.kind == "user") return make_user(options.target, pool, spec.connections);
  if (spec.kind == "refresh") return make_refresh(options.target, pool, spec.connections);
  if (spec.kind == "login") return make_login(options.target, options.accounts);
  if (spec.kind == "signup") return make_signup(options.target, options.prefix);
  throw std::runtime_error(fmt::format("{}: get, user, refresh, login or signup", spec.kind));
}

// Gives every session of the pool an access token.
void fetch_access_tokens(const Target& target, SessionPool& pool) {
  if (pool.slots.empty()) throw std::runtime_error("user needs sessions");
  const std::size_t connections = std::gcd(pool.slots.size(), std::size_t{16});
  const auto work = make_refresh(target, pool, connections);
  std::vector<Group> groups{{.name = "prepare", .connections = connections, .work = work.get()}};
  run_load(target, groups, {.requests_each = pool.slots.size() / connections});
  for (const auto& slot : pool.slots) {
    if (slot.access_token.empty()) throw std::runtime_error("a session of the pool could not be refreshed");
  }
}

boost::json::object describe(const Group& group, double seconds) {
  boost::json::object failures;
  for (const auto& [name, count] : group.failures) failures[name] = count;
  const auto& latency = group.latency;
  return {{"work", group.name},
          {"connections", group.connections},
          {"ok", latency.count()},
          {"failures", failures},
          {"per_second", static_cast<double>(latency.count()) / seconds},
          {"latency_ms",
           {{"mean", latency.mean_ms()},
            {"p50", latency.percentile_ms(0.5)},
            {"p90", latency.percentile_ms(0.9)},
            {"p99", latency.percentile_ms(0.99)},
            {"max", latency.max_ms()}}}};
}

void allow_many_connections() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

boost::json::object measure(const Options& options) {
  auto pool = options.sessions_file.empty() ? SessionPool{} : SessionPool::load(options.sessions_file);
  std::vector<Group> groups;
  std::vector<std::unique_ptr<Work>> works;
  bool has_access_tokens = false;
  for (const auto& text : options.works) {
    const auto spec = parse_work(text);
    if (spec.kind == "user" && !std::exchange(has_access_tokens, true))
      fetch_access_tokens(options.target, pool);
    works.push_back(make_work(spec, options, pool));
    groups.push_back({.name = spec.kind,
                      .connections = spec.connections,
                      .work = works.back().get(),
                      .pause = spec.pause});
  }

  ProcessUsage server_begin, server_end, self_begin, self_end;
  if (options.pid != 0) reset_peak_rss(options.pid);
  const double seconds = run_load(options.target, groups,
                                  {.warm_up = std::chrono::duration<double>(options.warm_up),
                                   .measured = std::chrono::duration<double>(options.seconds),
                                   .requests_each = options.requests_each,
                                   .on_measured_begin =
                                       [&] {
                                         if (options.pid != 0) server_begin = read_usage(options.pid);
                                         self_begin = read_usage(::getpid());
                                       },
                                   .on_measured_end =
                                       [&] {
                                         if (options.pid != 0) server_end = read_usage(options.pid);
                                         self_end = read_usage(::getpid());
                                       }});
  if (!options.sessions_file.empty()) pool.save(options.sessions_file);

  boost::json::object result{{"seconds", seconds},
                             {"load_cpu_seconds", self_end.cpu_seconds() - self_begin.cpu_seconds()}};
  if (options.pid != 0) {
    boost::json::object threads;
    for (const auto& [name, cpu_seconds] : server_end.thread_seconds) {
      threads[name] = cpu_seconds - server_begin.thread_seconds[name];
    }
    result["server"] = {{"cpu_seconds", server_end.cpu_seconds() - server_begin.cpu_seconds()},
                        {"user_seconds", server_end.user_seconds - server_begin.user_seconds},
                        {"system_seconds", server_end.system_seconds - server_begin.system_seconds},
                        {"threads", threads},
                        {"rss_kib_before", server_begin.rss_kib},
                        {"rss_kib_after", server_end.rss_kib},
                        {"rss_kib_peak", server_end.peak_rss_kib}};
  }
  boost::json::array described;
  for (const auto& group : groups) described.push_back(describe(group, seconds));
  result["groups"] = std::move(described);
  return result;
}

}  // namespace
}  // namespace latchkey::bench

int main(int argc, char** argv) {
  namespace bench = latchkey::bench;
  bench::Options options;
  CLI::App app("HTTP load for Latchkey; prints JSON");
  app.add_option(
         "work", options.works,
         "KIND:CONNECTIONS[@PAUSE_MS][:ARGUMENT]…, side by side: get:N:/path, user:N, refresh:N, login:N, "
         "signup:N; with @ each connection pauses between its requests")
      ->required();
  app.add_option("--host", options.target.host, "IPv4 address of the server");
  app.add_option("--port", options.target.port, "port of the server")->required();
  app.add_option("--base", options.target.base, "base path of the API");
  app.add_option("--pid", options.pid, "the server's process, to read what it uses");
  app.add_option("--sessions", options.sessions_file,
                 "file of refresh tokens, written back with the current ones");
  app.add_option("--accounts", options.accounts, "how many accounts latchkey-seed made");
  app.add_option("--prefix", options.prefix, "of the addresses that signup makes")->default_str("new");
  app.add_option("--seconds", options.seconds, "measured time");
  app.add_option("--warm-up", options.warm_up, "time before that");
  app.add_option("--requests-each", options.requests_each,
                 "instead of a time: requests of each connection, all measured");
  CLI11_PARSE(app, argc, argv);
  try {
    bench::allow_many_connections();
    latchkey::base::ask_for_short_time_slices();  // what is measured is the server, not the wait for a core
                                                  // to note it
    fmt::print("{}\n", boost::json::serialize(bench::measure(options)));
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "latchkey-load: {}\n", error.what());
    return 1;
  }
}

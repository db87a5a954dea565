// latchkey-seed: fills a data folder with accounts and sessions, as many as a benchmark wants and far faster
// than the API could (one password hash serves all). Prints JSON with what they take on disk.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "accounts.h"
#include "app/application.h"
#include "config/settings.h"

namespace latchkey::bench {
namespace {

// Transactions this large are quick and still bounded in memory.
constexpr std::uint64_t kBatch = 10'000;

struct Options {
  std::filesystem::path data;
  std::uint64_t users = 0;
  std::uint64_t sessions = 0;
  std::filesystem::path sessions_file;
  std::uint64_t without_password = 0;
  std::uint64_t banned = 0;
  std::uint64_t to_lock = 0;
};

template <class T>
T must(base::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message.value_or(result.error().detail));
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

std::uint64_t folder_bytes(const std::filesystem::path& folder) {
  std::uint64_t sum = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) sum += file.file_size();
  return sum;
}

// What sets a kind of account apart.
struct Kind {
  std::string_view name;  // the address begins with it
  bool has_password;
  bool is_banned;
};

class Seeder {
 public:
  explicit Seeder(const Options& options) : data_(options.data), settings_(config::default_settings()) {
    settings_.data.path = options.data;
  }

  // Opens what a server would open, hands it to `work` and closes it; the bytes in the folder afterwards.
  template <class Work>
  std::uint64_t with_environment(Work&& work) {
    {
      const auto log = base::make_null_logger();
      const auto application = must(app::open_application(settings_, *log));
      work(*application);
      application->live().store().close();
    }
    return folder_bytes(data_);
  }

  // `count` accounts, spread evenly over the last year. Their ids are returned in that order.
  std::vector<domain::UserId> add_users(app::Application& app, const Kind& kind, std::uint64_t count) {
    const auto hash = app.hasher().hash(base::Secret(kPassword));
    const auto begin = app.clock().now() - std::chrono::days(365);
    std::vector<domain::UserId> ids;
    ids.reserve(count);
    in_batches(app, count, [&](domain::Tx& tx, std::uint64_t number) {
      const auto at = begin + std::chrono::days(364) * static_cast<std::int64_t>(number) /
                                  static_cast<std::int64_t>(count);
      domain::User user;
      user.id = domain::UserId::make(std::chrono::floor<base::Milliseconds>(at), app.random());
      user.email = domain::Email::make_trusted(account_address(kind.name, number));
      user.user_metadata =
          base::JsonObjectText::make_trusted(fmt::format(R"({{"full_name":"Ada Lovelace {}"}})", number));
      user.created_at = user.updated_at = std::chrono::floor<base::Milliseconds>(at);
      user.email_confirmed_at = user.created_at;
      if (kind.is_banned) user.banned_until = domain::kBannedForever;
      must(tx.users().insert(user));
      if (kind.has_password)
        tx.passwords().put({.user_id = user.id, .hash = hash, .changed_at = user.created_at});
      ids.push_back(user.id);
    });
    return ids;
  }

  // `count` sessions, scattered evenly over all of `users`; their refresh tokens.
  std::vector<std::string> add_sessions(app::Application& app, const std::vector<domain::UserId>& users,
                                        std::uint64_t count) {
    auto& live = app.live();
    const auto now = app.clock().now();
    std::uint64_t step = users.size() * 382 / 1000 + 1;
    while (std::gcd(step, users.size()) != 1) ++step;
    std::vector<std::string> tokens;
    in_batches(app, count, [&](domain::Tx& tx, std::uint64_t number) {
      const auto& user = users[number * step % users.size()];
      auto session = domain::make_session(domain::SessionId::make(now, app.random()), user, now,
                                          live.settings()->sessions);
      session.user_agent = "Dart/3.5 (dart:io)";
      session.ip = "203.0.113.7";
      tx.sessions().insert(session);
      tokens.push_back(
          live.keys()->refresh_tokens.make({.session_id = session.id, .counter = session.refresh_counter}));
    });
    return tokens;
  }

 private:
  // Calls `one` for each number below `count`.
  template <class One>
  static void in_batches(app::Application& app, std::uint64_t count, One&& one) {
    for (std::uint64_t done = 0; done < count; done += kBatch) {
      must(app.live().store().transact([&](domain::Tx& tx) -> base::Result<void> {
        for (std::uint64_t number = done; number < std::min(done + kBatch, count); ++number) one(tx, number);
        return {};
      }));
    }
  }

  std::filesystem::path data_;
  config::Settings settings_;
};

boost::json::object seed(const Options& options) {
  const auto begin = std::chrono::steady_clock::now();
  Seeder seeder(options);
  std::vector<domain::UserId> users;
  const auto bytes_before = seeder.with_environment([](app::Application&) {});
  const auto bytes_with_users = seeder.with_environment([&](app::Application& app) {
    users = seeder.add_users(app, {.name = kAccountKind, .has_password = true, .is_banned = false},
                             options.users);
    seeder.add_users(app, {.name = "lock", .has_password = true, .is_banned = false}, options.to_lock);
    seeder.add_users(app, {.name = "bans", .has_password = true, .is_banned = true}, options.banned);
    seeder.add_users(app, {.name = "bare", .has_password = false, .is_banned = false},
                     options.without_password);
  });
  std::vector<std::string> tokens;
  const auto bytes_with_sessions = seeder.with_environment(
      [&](app::Application& app) { tokens = seeder.add_sessions(app, users, options.sessions); });
  if (!options.sessions_file.empty()) {
    std::ofstream out(options.sessions_file);
    for (const auto& token : tokens) out << token << '\n';
    if (!out.flush()) throw std::runtime_error("the file of sessions cannot be written");
  }
  return {{"users", options.users},
          {"sessions", options.sessions},
          {"seconds", std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count()},
          {"bytes_before", bytes_before},
          {"bytes_with_users", bytes_with_users},
          {"bytes_with_sessions", bytes_with_sessions}};
}

}  // namespace
}  // namespace latchkey::bench

int main(int argc, char** argv) {
  namespace bench = latchkey::bench;
  bench::Options options;
  CLI::App app("Fills a data folder for benchmarks; prints JSON");
  app.add_option("--data", options.data, "the data folder; made when it is not there")->required();
  app.add_option("--users", options.users, "accounts user0000000@example.com and on, all with one password");
  app.add_option("--sessions", options.sessions, "sessions, scattered over the users");
  app.add_option("--sessions-file", options.sessions_file,
                 "where their refresh tokens are written, one a line");
  app.add_option("--without-password", options.without_password, "accounts bare0000000@example.com and on");
  app.add_option("--banned", options.banned, "accounts bans0000000@example.com and on");
  app.add_option("--to-lock", options.to_lock, "accounts lock0000000@example.com and on, not locked yet");
  CLI11_PARSE(app, argc, argv);
  try {
    fmt::print("{}\n", boost::json::serialize(bench::seed(options)));
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "latchkey-seed: {}\n", error.what());
    return 1;
  }
}

// The embedded database: reads of the hottest path, and durable writes through the queue against what SQLite
// itself does with batches of 32 in the same run.
#include <benchmark/benchmark.h>
#include <sqlite3.h>
#include <time.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "storage/sqlite/sqlite_store.h"

namespace latchkey {
namespace {

using domain::Tx;

double process_cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

// CPU of all threads for one iteration, in microseconds.
class CpuMeter {
 public:
  void report(benchmark::State& state, std::int64_t items) const {
    state.counters["cpu_us"] = (process_cpu_seconds() - start_) * 1e6 / static_cast<double>(items);
  }

 private:
  double start_ = process_cpu_seconds();
};

// A store on disk with accounts, each with a password and a session.
class FilledStore {
 public:
  explicit FilledStore(std::size_t accounts) {
    std::string pattern = (std::filesystem::temp_directory_path() / "latchkey-bench-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
    folder_ = pattern;
    store_ = storage::sqlite::open_sqlite_store({.file = file()}, clock_, *logger_).value();
    constexpr std::size_t kBatch = 1000;
    for (std::size_t done = 0; done < accounts; done += kBatch) {
      const auto added = store_->transact([&](Tx& tx) -> base::Result<void> {
        for (std::size_t i = done; i < std::min(done + kBatch, accounts); ++i) add_account(tx, i);
        return {};
      });
      if (!added) throw std::runtime_error("insert");
    }
  }
  ~FilledStore() {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  std::filesystem::path file() const { return folder_ / "latchkey.db"; }
  domain::Store& store() { return *store_; }
  base::Timestamp now() const { return clock_.now(); }
  const std::vector<domain::Session>& sessions() const { return sessions_; }

 private:
  void add_account(Tx& tx, std::size_t i) {
    domain::User user;
    user.id = domain::UserId::make(now(), random_);
    user.email = domain::Email::make_trusted("user" + std::to_string(i) + "@example.com");
    user.created_at = user.updated_at = now();
    if (!tx.users().insert(user)) throw std::runtime_error("insert");
    tx.passwords().put({.user_id = user.id, .hash = base::Secret(std::string(97, 'x')), .changed_at = now()});
    domain::Session session;
    session.id = domain::SessionId::make(now(), random_);
    session.user_id = user.id;
    session.created_at = session.refreshed_at = now();
    session.expires_at = session.absolute_expires_at = now() + std::chrono::hours(720);
    session.user_agent = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko)";
    session.ip = "203.0.113.77";
    tx.sessions().insert(session);
    sessions_.push_back(session);
  }

  base::SystemClock clock_;
  base::SystemRandom random_;
  std::unique_ptr<base::Logger> logger_ = base::make_null_logger();
  std::filesystem::path folder_;
  std::unique_ptr<domain::Store> store_;
  std::vector<domain::Session> sessions_;
};

// What GET /user reads.
void read_session_and_user(benchmark::State& state) {
  FilledStore filled(static_cast<std::size_t>(state.range(0)));
  std::mt19937_64 random(1);
  for (auto _ : state) {
    const domain::Session& known = filled.sessions()[random() % filled.sessions().size()];
    const bool alive = filled.store().read([&](const Tx& tx) {
      const auto session = tx.sessions().find(known.id);
      return session && session->is_alive(filled.now()) && tx.users().find(session->user_id).has_value();
    });
    if (!alive) state.SkipWithError("not found");
  }
}
BENCHMARK(read_session_and_user)->ArgName("accounts")->Arg(1000)->Arg(100'000);

// What a refresh writes, from as many threads as the benchmark has.
void rotate_through_the_queue(benchmark::State& state) {
  static std::unique_ptr<FilledStore> filled;
  static std::unique_ptr<CpuMeter> meter;
  if (state.thread_index() == 0) {
    filled = std::make_unique<FilledStore>(static_cast<std::size_t>(state.range(0)));
    meter = std::make_unique<CpuMeter>();
  }
  std::mt19937_64 random(static_cast<std::uint64_t>(state.thread_index()) + 1);
  for (auto _ : state) {
    const domain::Session& known = filled->sessions()[random() % filled->sessions().size()];
    const auto rotated = filled->store().transact([&](Tx& tx) -> base::Result<bool> {
      const auto session = tx.sessions().find(known.id);
      return tx.sessions().rotate(known.id, session->refresh_counter,
                                  {.next_counter = session->refresh_counter + 1,
                                   .refreshed_at = filled->now(),
                                   .expires_at = known.expires_at + std::chrono::seconds(1)});
    });
    if (!rotated || !*rotated) state.SkipWithError("not rotated");
  }
  if (state.thread_index() == 0) {
    const domain::StoreStats stats = filled->store().stats();
    meter->report(state, state.iterations() * state.threads());
    state.counters["batch"] = static_cast<double>(stats.transactions) / static_cast<double>(stats.commits);
    filled.reset();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(rotate_through_the_queue)
    ->ArgName("accounts")
    ->Arg(10'000)
    ->Arg(200'000)
    ->Threads(1)
    ->Threads(16)
    ->Threads(64)
    ->UseRealTime();

// The same update by SQLite alone: one thread, no queue, 32 to a commit.
void rotate_in_bare_sqlite(benchmark::State& state) {
  FilledStore filled(static_cast<std::size_t>(state.range(0)));
  sqlite3* handle = nullptr;
  sqlite3_stmt* update = nullptr;
  sqlite3_open_v2(filled.file().c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  sqlite3_exec(handle, "PRAGMA synchronous = FULL", nullptr, nullptr, nullptr);
  sqlite3_prepare_v2(handle,
                     "UPDATE sessions SET refresh_counter = refresh_counter + 1, successor_seen = 0, "
                     "refreshed_at = ?, expires_at = ? WHERE id = ? AND ended_at IS NULL",
                     -1, &update, nullptr);
  std::mt19937_64 random(1);
  const CpuMeter meter;
  constexpr int kBatch = 32;
  for (auto _ : state) {
    sqlite3_exec(handle, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
    for (int i = 0; i < kBatch; ++i) {
      const domain::Session& known = filled.sessions()[random() % filled.sessions().size()];
      sqlite3_bind_int64(update, 1, base::to_unix_ms(filled.now()));
      sqlite3_bind_int64(update, 2, base::to_unix_ms(known.expires_at));
      sqlite3_bind_blob(update, 3, known.id.uuid().bytes().data(), 16, nullptr);
      if (sqlite3_step(update) != SQLITE_DONE) state.SkipWithError(sqlite3_errmsg(handle));
      sqlite3_reset(update);
    }
    if (sqlite3_exec(handle, "COMMIT", nullptr, nullptr, nullptr) != SQLITE_OK) {
      state.SkipWithError(sqlite3_errmsg(handle));
    }
  }
  meter.report(state, state.iterations() * kBatch);
  state.SetItemsProcessed(state.iterations() * kBatch);
  sqlite3_finalize(update);
  sqlite3_close(handle);
}
BENCHMARK(rotate_in_bare_sqlite)->ArgName("accounts")->Arg(10'000)->Arg(200'000)->UseRealTime();

// What a start of the server pays for its database.
void open_an_existing_database(benchmark::State& state) {
  FilledStore filled(10'000);
  filled.store().close();
  const base::SystemClock clock;
  const auto logger = base::make_null_logger();
  for (auto _ : state) {
    auto store = storage::sqlite::open_sqlite_store({.file = filled.file()}, clock, *logger).value();
    state.PauseTiming();
    store.reset();
    state.ResumeTiming();
  }
}
BENCHMARK(open_an_existing_database)->UseRealTime();

}  // namespace
}  // namespace latchkey

BENCHMARK_MAIN();

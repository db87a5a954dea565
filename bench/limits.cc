// latchkey-limits: what this machine can do at best, without Latchkey: the stock password hash, signatures,
// durable SQLite commits. Prints JSON; figures of the server are judged against these, measured in the same
// run.
#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace latchkey::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

void require(bool good, const char* what) {
  if (!good) throw std::runtime_error(what);
}

double process_cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Calls `work` on each of `threads` threads until the time is over.
boost::json::object rate(std::chrono::duration<double> time, unsigned threads,
                         const std::function<void()>& work) {
  std::vector<std::uint64_t> done(threads, 0);
  const double cpu_begin = process_cpu_seconds();
  const auto begin = SteadyClock::now();
  {
    std::vector<std::jthread> running;
    for (unsigned i = 0; i < threads; ++i) {
      running.emplace_back([&, i] {
        while (SteadyClock::now() - begin < time) {
          work();
          ++done[i];
        }
      });
    }
  }
  const double seconds = std::chrono::duration<double>(SteadyClock::now() - begin).count();
  std::uint64_t total = 0;
  for (const auto count : done) total += count;
  return {{"threads", threads},
          {"per_second", static_cast<double>(total) / seconds},
          {"per_cpu_second", static_cast<double>(total) / (process_cpu_seconds() - cpu_begin)}};
}

void hash_password() {
  constexpr std::size_t kMemoryBytes = 19456 * 1024;
  constexpr unsigned long long kIterations = 2;
  constexpr std::string_view kPassword = "violet-harbour-41-kettle";
  const std::array<unsigned char, crypto_pwhash_SALTBYTES> salt{1, 2, 3};
  std::array<unsigned char, 32> out;
  require(crypto_pwhash(out.data(), out.size(), kPassword.data(), kPassword.size(), salt.data(), kIterations,
                        kMemoryBytes, crypto_pwhash_ALG_ARGON2ID13) == 0,
          "libsodium cannot hash");
}

// An ES256 key as OpenSSL is used when every step counts: contexts are made once.
class P256 {
 public:
  P256() : key_(EVP_EC_gen("P-256"), EVP_PKEY_free) {
    require(key_ != nullptr, "OpenSSL cannot make a P-256 key");
    signer_.reset(EVP_PKEY_CTX_new(key_.get(), nullptr));
    verifier_.reset(EVP_PKEY_CTX_new(key_.get(), nullptr));
    require(EVP_PKEY_sign_init(signer_.get()) == 1 && EVP_PKEY_verify_init(verifier_.get()) == 1, "OpenSSL");
    sign();
  }
  void sign() {
    size_ = signature_.size();
    require(EVP_PKEY_sign(signer_.get(), signature_.data(), &size_, digest_.data(), digest_.size()) == 1,
            "OpenSSL");
  }
  void verify() {
    require(EVP_PKEY_verify(verifier_.get(), signature_.data(), size_, digest_.data(), digest_.size()) == 1,
            "OpenSSL");
  }

 private:
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
  std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> signer_{nullptr, EVP_PKEY_CTX_free};
  std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> verifier_{nullptr, EVP_PKEY_CTX_free};
  std::array<unsigned char, 32> digest_{7};
  std::array<unsigned char, 128> signature_{};
  std::size_t size_ = 0;
};

// A table of rows as small as a session's, changed by prepared statements in WAL mode with synchronous=FULL.
class Table {
 public:
  static constexpr int kRows = 10'000;

  explicit Table(const std::filesystem::path& file) : db_(nullptr, sqlite3_close) {
    sqlite3* db = nullptr;
    require(sqlite3_open(file.c_str(), &db) == SQLITE_OK, "SQLite cannot open a file there");
    db_.reset(db);
    run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        "DROP TABLE IF EXISTS t; CREATE TABLE t(id INTEGER PRIMARY KEY, counter INTEGER, at INTEGER, payload "
        "BLOB);"
        "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM n WHERE i<10000)"
        "INSERT INTO t SELECT i, 0, 0, randomblob(120) FROM n;");
    sqlite3_stmt* statement = nullptr;
    require(sqlite3_prepare_v2(db, "UPDATE t SET counter = counter + 1, at = ?1 WHERE id = ?2", -1,
                               &statement, nullptr) == SQLITE_OK,
            "SQLite");
    update_.reset(statement);
  }
  void commit(int updates) {
    run("BEGIN IMMEDIATE");
    for (int i = 0; i < updates; ++i) {
      row_ = (row_ + 3821) % kRows;
      sqlite3_bind_int64(update_.get(), 1, ++time_);
      sqlite3_bind_int(update_.get(), 2, row_ + 1);
      require(sqlite3_step(update_.get()) == SQLITE_DONE, "SQLite cannot update");
      sqlite3_reset(update_.get());
    }
    run("COMMIT");
  }

 private:
  void run(const char* sql) {
    require(sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr) == SQLITE_OK, sql);
  }

  std::unique_ptr<sqlite3, decltype(&sqlite3_close)> db_;
  std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)> update_{nullptr, sqlite3_finalize};
  int row_ = 0;
  sqlite3_int64 time_ = 0;
};

// The disk alone: 4 KiB appended and made durable.
boost::json::object append_rate(const std::filesystem::path& file, std::chrono::duration<double> time) {
  const int fd = ::open(file.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
  require(fd >= 0, "a file cannot be created there");
  const std::vector<char> page(4096, 'x');
  auto result = rate(time, 1, [&] {
    require(
        ::write(fd, page.data(), page.size()) == static_cast<ssize_t>(page.size()) && ::fdatasync(fd) == 0,
        "a file cannot be written there");
  });
  ::close(fd);
  return result;
}

// The limits whose names begin with `only`, each measured for `time`.
boost::json::object measure(const std::filesystem::path& folder, std::chrono::duration<double> time,
                            std::string_view only) {
  boost::json::object result;
  const auto add = [&](std::string_view name, const std::function<boost::json::object()>& measured) {
    if (name.starts_with(only)) result[name] = measured();
  };
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  add("argon2id_libsodium_1", [&] { return rate(time, 1, hash_password); });
  add("argon2id_libsodium_all", [&] { return rate(time, cores, hash_password); });

  P256 key;
  add("p256_sign", [&] { return rate(time, 1, [&] { key.sign(); }); });
  add("p256_verify", [&] { return rate(time, 1, [&] { key.verify(); }); });

  std::filesystem::create_directories(folder);
  for (const auto& [name, updates] :
       {std::pair{"sqlite_commits_of_1", 1}, std::pair{"sqlite_commits_of_64", 64}}) {
    add(name, [&] {
      Table table(folder / "limits.db");
      return rate(time, 1, [&] { table.commit(updates); });
    });
  }
  add("append_and_fdatasync", [&] { return append_rate(folder / "limits.bin", time); });
  for (const auto* name : {"limits.db", "limits.db-wal", "limits.db-shm", "limits.bin"}) {
    std::filesystem::remove(folder / name);
  }
  return result;
}

}  // namespace
}  // namespace latchkey::bench

int main(int argc, char** argv) {
  std::filesystem::path folder = ".";
  double seconds = 1;
  std::string only;
  CLI::App app("The limits of this machine as JSON");
  app.add_option("--folder", folder, "where files may be written: the disk to measure");
  app.add_option("--seconds", seconds, "for each limit");
  app.add_option("--only", only, "limits whose name begins so");
  CLI11_PARSE(app, argc, argv);
  try {
    if (sodium_init() < 0) throw std::runtime_error("libsodium cannot start");
    fmt::print("{}\n", boost::json::serialize(
                           latchkey::bench::measure(folder, std::chrono::duration<double>(seconds), only)));
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "latchkey-limits: {}\n", error.what());
    return 1;
  }
}

// What goes wrong with files: nothing acknowledged is lost, nothing half is left, and it heals.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "base/infra_error.h"
#include "base/testing/fakes.h"
#include "storage/sqlite/sqlite_store.h"
#include "storage/sqlite/testing/fault_vfs.h"

namespace latchkey::storage::sqlite {
namespace {

using base::ErrorCode;
using base::InfraError;
using base::Result;
using domain::Store;
using domain::Tx;
using domain::User;
using domain::UserId;
using ::testing::HasSubstr;

class SqliteFault : public ::testing::Test {
 protected:
  std::filesystem::path file() const { return folder_.path() / "latchkey.db"; }
  SqliteSettings settings() const {
    SqliteSettings settings;
    settings.file = file();
    settings.busy_timeout = base::Milliseconds(50);
    settings.vfs = vfs_.name();
    return settings;
  }
  Result<std::unique_ptr<Store>> open(const SqliteSettings& with) {
    return open_sqlite_store(with, clock_, *logger_);
  }
  Result<std::unique_ptr<Store>> open() { return open(settings()); }
  // The message of the refusal to open.
  std::string refusal(const SqliteSettings& with) {
    const auto store = open(with);
    if (store) return "";
    EXPECT_EQ(store.error().code, ErrorCode::storage_unavailable);
    EXPECT_FALSE(store.error().detail.empty());
    return store.error().message.value_or("");
  }
  std::string refusal() { return refusal(settings()); }

  User make_user(const std::string& name) {
    User user;
    user.id = UserId::make(clock_.now(), random_);
    user.email = domain::Email::make_trusted(name + "@example.com");
    user.created_at = user.updated_at = clock_.now();
    return user;
  }
  // An account with its password; its id. Throws InfraError.
  UserId sign_up(Store& store, const std::string& name, std::size_t metadata_bytes = 2) {
    User user = make_user(name);
    user.user_metadata = base::JsonObjectText::make_trusted("{" + std::string(metadata_bytes - 2, ' ') + "}");
    const auto done = store.transact([&](Tx& tx) -> Result<void> {
      if (auto inserted = tx.users().insert(user); !inserted) return inserted;
      tx.passwords().put(
          {.user_id = user.id, .hash = base::Secret(std::string("hash")), .changed_at = clock_.now()});
      return {};
    });
    EXPECT_TRUE(done);
    return user.id;
  }
  static bool is_whole(Store& store, UserId id) {
    return store.read([&](const Tx& tx) {
      return tx.users().find(id).has_value() && tx.passwords().find_confidential(id).has_value();
    });
  }
  static std::uint64_t count(Store& store) {
    return store.read([](const Tx& tx) { return tx.users().count(); });
  }
  // SQLite's own opinion of the file: "ok", if it is sound.
  std::string integrity() const {
    sqlite3* handle = nullptr;
    std::string verdict;
    sqlite3_open_v2(file().c_str(), &handle, SQLITE_OPEN_READWRITE, nullptr);
    const auto keep = [](void* out, int, char** columns, char**) {
      *static_cast<std::string*>(out) += columns[0] == nullptr ? "" : columns[0];
      return 0;
    };
    sqlite3_exec(handle, "PRAGMA integrity_check", keep, &verdict, nullptr);
    sqlite3_exec(handle, "PRAGMA foreign_key_check", keep, &verdict, nullptr);
    sqlite3_close(handle);
    return verdict;
  }
  void overwrite(std::streamoff offset, const std::string& bytes) const {
    std::fstream stream(file(), std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(offset);
    stream << bytes;
  }

  base::testing::TemporaryFolder folder_;
  base::testing::FakeClock clock_;
  base::testing::FakeRandom random_;
  std::unique_ptr<base::Logger> logger_ = base::make_null_logger();
  testing::FaultVfs vfs_;
};

TEST_F(SqliteFault, full_disk_refuses_writes_keeps_reads_and_heals) {
  auto store = open().value();
  const UserId first = sign_up(*store, "first");
  vfs_.break_after(0, SQLITE_FULL);
  for (int i = 0; i < 3; ++i) {
    try {
      sign_up(*store, "second");
      ADD_FAILURE() << "acknowledged";
    } catch (const InfraError& error) {
      EXPECT_EQ(error.code(), ErrorCode::storage_unavailable);
    }
  }
  EXPECT_TRUE(is_whole(*store, first));
  EXPECT_EQ(count(*store), 1u);
  vfs_.repair();
  EXPECT_TRUE(is_whole(*store, sign_up(*store, "second")));
  store.reset();
  EXPECT_EQ(integrity(), "ok");
}

// The disk fails at every single write and sync in turn, while several sign up at once.
TEST_F(SqliteFault, failing_at_any_point_leaves_whole_accounts_only) {
  for (const int code : {SQLITE_FULL, SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC}) {
    for (int working = 0; working < 24; ++working) {
      auto store = open().value();
      constexpr int kThreads = 4;
      std::array<std::vector<UserId>, kThreads> acknowledged;
      std::array<std::vector<std::string>, kThreads> refused;
      vfs_.break_after(working, code);
      std::vector<std::thread> threads;
      for (std::size_t t = 0; t < kThreads; ++t) {
        threads.emplace_back([&, t] {
          for (int i = 0; i < 3; ++i) {
            const std::string name = std::to_string(code) + "-" + std::to_string(working) + "-" +
                                     std::to_string(t) + "-" + std::to_string(i);
            try {
              acknowledged[t].push_back(sign_up(*store, name, 6000));
            } catch (const InfraError& error) {
              EXPECT_EQ(error.code(), ErrorCode::storage_unavailable);
              refused[t].push_back(name);
            }
          }
        });
      }
      for (std::thread& thread : threads) thread.join();
      vfs_.repair();
      for (std::size_t t = 0; t < kThreads; ++t) {
        for (const UserId id : acknowledged[t]) EXPECT_TRUE(is_whole(*store, id));
        // What was refused left nothing, so it can be done again.
        for (const std::string& name : refused[t]) EXPECT_TRUE(is_whole(*store, sign_up(*store, name)));
      }
      store.reset();
      store = open().value();
      for (const auto& ids : acknowledged) {
        for (const UserId id : ids) EXPECT_TRUE(is_whole(*store, id));
      }
    }
  }
  EXPECT_EQ(integrity(), "ok");
}

TEST_F(SqliteFault, failing_checkpoints_lose_nothing) {
  SqliteSettings with = settings();
  with.checkpoint_pages = 10;
  auto store = open(with).value();
  std::vector<UserId> ids;
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 10; ++i) {
      // The checkpointer's writes count too, so the fault hits now the one and now the other.
      vfs_.break_after(25, SQLITE_IOERR_WRITE);
      try {
        ids.push_back(sign_up(*store, std::to_string(round) + "-" + std::to_string(i), 3000));
      } catch (const InfraError&) {
      }
    }
    vfs_.repair();
  }
  ids.push_back(sign_up(*store, "last"));
  for (const UserId id : ids) EXPECT_TRUE(is_whole(*store, id));
  EXPECT_EQ(count(*store), ids.size());
  store.reset();
  EXPECT_EQ(integrity(), "ok");
}

// The kernel's own limit, without the shim.
TEST_F(SqliteFault, limit_on_the_file_size_is_a_clear_error_that_passes) {
  SqliteSettings with = settings();
  with.vfs.clear();
  auto store = open(with).value();
  const UserId first = sign_up(*store, "first");
  ASSERT_NE(signal(SIGXFSZ, SIG_IGN), SIG_ERR);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{.rlim_cur = 256 * 1024, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  std::vector<UserId> ids;
  bool refused = false;
  for (int i = 0; i < 200 && !refused; ++i) {
    try {
      ids.push_back(sign_up(*store, std::to_string(i), 8000));
    } catch (const InfraError& error) {
      refused = true;
      EXPECT_EQ(error.code(), ErrorCode::storage_unavailable);
    }
  }
  EXPECT_TRUE(refused);
  EXPECT_TRUE(is_whole(*store, first));
  EXPECT_EQ(count(*store), ids.size() + 1);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  signal(SIGXFSZ, SIG_DFL);
  EXPECT_TRUE(is_whole(*store, sign_up(*store, "later", 8000)));
  for (const UserId id : ids) EXPECT_TRUE(is_whole(*store, id));
}

TEST_F(SqliteFault, full_disk_at_the_start) {
  vfs_.break_after(0, SQLITE_FULL);
  EXPECT_THAT(refusal(), HasSubstr("full. Make room"));
  vfs_.repair();
  EXPECT_TRUE(open());
}

TEST_F(SqliteFault, missing_folder) {
  SqliteSettings with = settings();
  with.file = folder_.path() / "none" / "latchkey.db";
  EXPECT_THAT(refusal(with), HasSubstr("does not exist. Create it"));
}

TEST_F(SqliteFault, folder_in_place_of_the_file) {
  SqliteSettings with = settings();
  with.file = folder_.path();
  EXPECT_THAT(refusal(with), HasSubstr("is a folder"));
}

// Permissions do not bind root, so the child gives root up.
void become_nobody() {
  if (getuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) _exit(99);
}

TEST_F(SqliteFault, folder_that_may_not_be_written) {
  ASSERT_EQ(chmod(folder_.path().c_str(), 0555), 0);
  GTEST_FLAG_SET(death_test_style, "fast");
  EXPECT_EXIT(
      {
        become_nobody();
        const std::string message = refusal();
        fputs(message.c_str(), stderr);
        _exit(0);
      },
      ::testing::ExitedWithCode(0), "its folder is not writable. Let the user");
}

TEST_F(SqliteFault, file_that_may_not_be_written) {
  open().value()->close();
  ASSERT_EQ(chmod(folder_.path().c_str(), 0755), 0);
  ASSERT_EQ(chmod(file().c_str(), 0444), 0);
  GTEST_FLAG_SET(death_test_style, "fast");
  EXPECT_EXIT(
      {
        become_nobody();
        const std::string message = refusal();
        fputs(message.c_str(), stderr);
        _exit(0);
      },
      ::testing::ExitedWithCode(0), "cannot be (written|opened).*user");
}

TEST_F(SqliteFault, file_locked_by_another_program) {
  open().value()->close();
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(file().c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE x (y)",
                         nullptr, nullptr, nullptr),
            SQLITE_OK);
  EXPECT_THAT(refusal(), HasSubstr("is locked by another program"));
  sqlite3_close(other);
  EXPECT_TRUE(open());
}

TEST_F(SqliteFault, a_long_transaction_of_another_program_makes_writes_fail_and_reads_work) {
  auto store = open().value();
  const UserId first = sign_up(*store, "first");
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(file().c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  EXPECT_THROW(sign_up(*store, "second"), InfraError);
  EXPECT_TRUE(is_whole(*store, first));
  EXPECT_NO_THROW(store->check_health());
  ASSERT_EQ(sqlite3_exec(other, "COMMIT", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(other);
  EXPECT_TRUE(is_whole(*store, sign_up(*store, "second")));
}

TEST_F(SqliteFault, not_a_database) {
  std::ofstream(file()) << std::string(10'000, 'x');
  EXPECT_THAT(refusal(), HasSubstr("is not a database of Latchkey"));
}

TEST_F(SqliteFault, database_of_another_program) {
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(file().c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "CREATE TABLE users (name)", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(other);
  EXPECT_THAT(refusal(), HasSubstr("database of another program"));
}

TEST_F(SqliteFault, overwritten_bytes) {
  {
    auto store = open().value();
    for (int i = 0; i < 20; ++i) sign_up(*store, std::to_string(i), 3000);
  }
  overwrite(100, std::string(600, '\xEE'));  // the schema
  EXPECT_THAT(refusal(), HasSubstr("damaged"));
}

TEST_F(SqliteFault, damage_further_in_is_met_as_unavailable) {
  {
    auto store = open().value();
    for (int i = 0; i < 200; ++i) sign_up(*store, std::to_string(i), 900);
  }
  const auto size = static_cast<std::streamoff>(std::filesystem::file_size(file()));
  // The last third holds rows, not the first pages of tables.
  overwrite(size * 2 / 3, std::string(static_cast<std::size_t>(size / 3), '\xEE'));
  auto store = open();
  if (!store) return;  // noticed at the start: just as well
  try {
    (*store)->read([](const Tx& tx) { return tx.users().list({.after = {}, .limit = 1000}); });
    ADD_FAILURE() << "damage went unnoticed";
  } catch (const InfraError& error) {
    EXPECT_EQ(error.code(), ErrorCode::storage_unavailable);
  }
}

TEST_F(SqliteFault, truncated_file) {
  {
    auto store = open().value();
    for (int i = 0; i < 20; ++i) sign_up(*store, std::to_string(i), 3000);
  }
  std::filesystem::resize_file(file(), std::filesystem::file_size(file()) / 2);
  EXPECT_THAT(refusal(), HasSubstr("damaged"));
}

TEST_F(SqliteFault, file_deleted_under_a_running_store) {
  auto store = open().value();
  EXPECT_NO_THROW(store->check_health());
  std::filesystem::remove(file());
  EXPECT_THROW(store->check_health(), InfraError);
}

}  // namespace
}  // namespace latchkey::storage::sqlite

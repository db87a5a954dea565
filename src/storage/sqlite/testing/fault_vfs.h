// A file system for SQLite that stops working when a test says so.
#pragma once

#include <sqlite3.h>

#include <atomic>
#include <cstdint>
#include <string>

namespace latchkey::storage::sqlite::testing {

// Passes everything on to the system's own, but for writes and syncs that are to fail. Registered with SQLite
// while it lives; must outlive the stores that use it. Thread-safe.
class FaultVfs {
 public:
  FaultVfs();
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;
  ~FaultVfs();

  // For SqliteSettings::vfs.
  const std::string& name() const { return name_; }

  // The next `working` writes and syncs work, all later ones fail with SQLite's `code`.
  void break_after(std::int64_t working, int code);
  void repair() { broken_ = false; }
  // SQLite's result for a write or sync that begins now.
  int next_result();

 private:
  std::string name_;
  sqlite3_vfs vfs_;
  std::atomic<bool> broken_ = false;
  std::atomic<std::int64_t> working_ = 0;
  std::atomic<int> code_ = SQLITE_OK;
};

}  // namespace latchkey::storage::sqlite::testing

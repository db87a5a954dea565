#include "storage/sqlite/testing/fault_vfs.h"

#include <fmt/format.h>

#include <new>

namespace latchkey::storage::sqlite::testing {
namespace {

sqlite3_vfs* system_vfs() { return sqlite3_vfs_find("unix"); }

// What SQLite allocates for an open file: this, and behind it the system's own.
struct File : sqlite3_file {
  FaultVfs* faults;
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};
File& of(sqlite3_file* file) { return *static_cast<File*>(file); }
sqlite3_file* real(sqlite3_file* file) { return of(file).real(); }

template <class Call>
int unless_broken(sqlite3_file* file, Call call) {
  const int result = of(file).faults->next_result();
  return result == SQLITE_OK ? call(real(file)) : result;
}

int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  return unless_broken(file, [&](auto* f) { return f->pMethods->xWrite(f, data, size, offset); });
}
int sync(sqlite3_file* file, int flags) {
  return unless_broken(file, [&](auto* f) { return f->pMethods->xSync(f, flags); });
}

int close(sqlite3_file* f) { return real(f)->pMethods->xClose(real(f)); }
int read(sqlite3_file* f, void* data, int size, sqlite3_int64 offset) {
  return real(f)->pMethods->xRead(real(f), data, size, offset);
}
int truncate(sqlite3_file* f, sqlite3_int64 size) { return real(f)->pMethods->xTruncate(real(f), size); }
int file_size(sqlite3_file* f, sqlite3_int64* size) { return real(f)->pMethods->xFileSize(real(f), size); }
int lock(sqlite3_file* f, int level) { return real(f)->pMethods->xLock(real(f), level); }
int unlock(sqlite3_file* f, int level) { return real(f)->pMethods->xUnlock(real(f), level); }
int check_reserved(sqlite3_file* f, int* out) { return real(f)->pMethods->xCheckReservedLock(real(f), out); }
int control(sqlite3_file* f, int op, void* arg) { return real(f)->pMethods->xFileControl(real(f), op, arg); }
int sector_size(sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); }
int characteristics(sqlite3_file* f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); }
int shm_map(sqlite3_file* f, int page, int size, int extend, void volatile** out) {
  return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
}
int shm_lock(sqlite3_file* f, int offset, int n, int flags) {
  return real(f)->pMethods->xShmLock(real(f), offset, n, flags);
}
void shm_barrier(sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); }
int shm_unmap(sqlite3_file* f, int remove) { return real(f)->pMethods->xShmUnmap(real(f), remove); }

constexpr sqlite3_io_methods kMethods = {
    2,         close,          read,    write,       truncate,        sync,    file_size, lock,
    unlock,    check_reserved, control, sector_size, characteristics, shm_map, shm_lock,  shm_barrier,
    shm_unmap, nullptr,        nullptr};

int open(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* file, int flags, int* out_flags) {
  File& wrapped = of(file);
  wrapped.pMethods = nullptr;
  wrapped.faults = static_cast<FaultVfs*>(vfs->pAppData);
  const int result = system_vfs()->xOpen(system_vfs(), name, wrapped.real(), flags, out_flags);
  if (result == SQLITE_OK) wrapped.pMethods = &kMethods;
  return result;
}

}  // namespace

FaultVfs::FaultVfs() : name_(fmt::format("fault-{}", fmt::ptr(this))), vfs_(*system_vfs()) {
  vfs_.pNext = nullptr;
  vfs_.zName = name_.c_str();
  vfs_.szOsFile += static_cast<int>(sizeof(File));
  vfs_.pAppData = this;
  vfs_.xOpen = open;
  sqlite3_vfs_register(&vfs_, 0);
}

FaultVfs::~FaultVfs() { sqlite3_vfs_unregister(&vfs_); }

void FaultVfs::break_after(std::int64_t working, int code) {
  working_ = working;
  code_ = code;
  broken_ = true;
}

int FaultVfs::next_result() {
  if (!broken_) return SQLITE_OK;
  return working_-- > 0 ? SQLITE_OK : code_.load();
}

}  // namespace latchkey::storage::sqlite::testing

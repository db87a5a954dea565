// What a move needs of a database, implemented by each dialect: rows as a stream, and a place to put them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "storage/migrator.h"
#include "storage/transfer/batch.h"
#include "storage/transfer/mark.h"
#include "storage/transfer/table.h"

namespace latchkey::storage::transfer {

// What a database is opened for.
enum class Use : std::uint8_t {
  look,    // nothing is changed, and others may go on using it
  source,  // fails when a server uses it, where that can be seen
  target,  // makes the database where that is a matter of a file; fails like source
};

// All tables at one point in time, for as long as the object lives. One at a time; must not outlive its
// database.
class Snapshot {
 public:
  virtual ~Snapshot() = default;
  virtual std::uint64_t count(const Table& table) = 0;
  // Fills `out` with the rows behind `after` in the order of the primary key, at most `limit`; none: that was
  // all. Keys sort in the same way in every dialect, byte by byte.
  virtual void read(const Table& table, const Key& after, std::uint32_t limit, Batch& out) = 0;
};

// A database to copy from. Used by one thread. Throws base::InfraError when the machinery fails.
class Source {
 public:
  virtual ~Source() = default;
  // For messages; without a password.
  virtual const std::string& name() const = 0;
  // The steps that this program knows and the database lacks; fails like plan_migrations.
  virtual base::Result<std::vector<Migration>> missing_migrations() = 0;
  // How the table is here; without columns: it is not there.
  virtual std::vector<Column> read_columns(const std::string& table) = 0;
  // Nothing: no move into this database has begun and not ended.
  virtual std::optional<std::vector<Mark>> read_marks() = 0;
  virtual std::unique_ptr<Snapshot> open_snapshot() = 0;
};

// A database to copy into.
class Target : public Source {
 public:
  virtual base::Result<void> make_tables() = 0;
  // In one transaction: empties the tables of `to_empty` (each behind those it refers to) and sets the marks.
  // From then on, a move that began earlier and still runs can write no more. False, and nothing has changed,
  // when a table of which nothing should have arrived holds rows.
  virtual bool begin(std::span<const Mark> marks, std::span<const Table> to_empty) = 0;
  // In one transaction: inserts the rows and notes that `done` of the table have arrived.
  virtual void write(const Table& table, const Batch& batch, std::uint64_t done) = 0;
  // The key of the last row; empty when there is none.
  virtual Key last_key(const Table& table) = 0;
  // Notes that these tables are to be copied from the beginning next time.
  virtual void give_up(std::span<const std::string> tables) = 0;
  // Takes the marks away.
  virtual void finish() = 0;
};

}  // namespace latchkey::storage::transfer

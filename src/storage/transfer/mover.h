// Moves everything from one database to another: one snapshot, in batches, compared at the end, and able to
// go on after it was interrupted.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.h"
#include "storage/transfer/database.h"

namespace latchkey::storage::transfer {

// Why there was no move.
enum class Refusal : std::uint8_t {
  source_not_ready,  // it is older or newer than this program, or no database of Latchkey
  target_not_ready,  // the same
  target_not_empty,
  copy_differs,  // everything was copied, and counts or checksums are not the same
};

struct MoveError {
  Refusal why;
  std::string message;  // for a person: says what to do
};

template <class T>
using MoveResult = std::expected<T, MoveError>;

// A table in a plan.
struct PlannedTable {
  std::string name;
  std::uint64_t rows;     // of the source
  std::uint64_t arrived;  // by an earlier attempt
};

// What a move would do.
struct Plan {
  std::vector<PlannedTable> tables;
  bool makes_tables = false;  // the target has none yet, or older ones
  bool continues = false;     // an earlier attempt has begun
};

// A table that was moved.
struct MovedTable {
  std::string name;
  std::uint64_t rows;
  std::uint64_t kept;    // of these, rows that had arrived in an earlier attempt
  std::string checksum;  // the same on both sides
};

struct MoveReport {
  std::vector<MovedTable> tables;
  std::uint64_t changed_texts = 0;  // were not UTF-8, and have question marks now
};

enum class Stage : std::uint8_t {
  reading,  // the source, for its checksums
  copying,
  checking,  // the target
};

// Where a move is; reported at the beginning and the end of each table, and after each batch.
struct Progress {
  Stage stage;
  std::string_view table;
  std::uint64_t rows;  // done
  std::uint64_t of;    // zero: not known yet
  bool is_done;        // with this table
};
using Report = base::FunctionRef<void(const Progress&)>;

// Looks at both and changes nothing. `tables` are those of this program's migrations, each behind those it
// refers to.
MoveResult<Plan> plan_move(Source& source, Target& target, std::span<const Table> tables);

// Copies all rows of all tables. The target carries a mark (mark.h) from before the first row to after the
// comparison. What throws (base::InfraError), or what ends the process, leaves it there; the next call goes
// on with the rows that have arrived. It first reads the whole source: a table whose rows are not those of
// the attempt before is emptied and copied anew, with all that refer to it. So what arrives is always one
// snapshot of the source, the newest.
MoveResult<MoveReport> move(Source& source, Target& target, std::span<const Table> tables, Report report);

}  // namespace latchkey::storage::transfer

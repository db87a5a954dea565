// The mark on a database into which a move has begun and not ended: what has arrived so far, and that nobody
// may use it yet.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace latchkey::storage::transfer {

// A table that is there from the beginning of a move to its end. No migration makes it, so that a database in
// use never has it.
inline constexpr std::string_view kMarkTable = "unfinished_move";
// Every dialect takes this.
inline constexpr const char* kMakeMarkTable =
    "CREATE TABLE IF NOT EXISTS unfinished_move (table_name text NOT NULL PRIMARY KEY, source_rows bigint "
    "NOT "
    "NULL, source_checksum text NOT NULL, rows_done bigint NOT NULL, attempt bigint NOT NULL)";
inline constexpr const char* kDropMarkTable = "DROP TABLE unfinished_move";

// How far a table is.
struct Mark {
  std::string table;
  std::uint64_t rows;    // of the source when it was copied from, with this checksum
  std::string checksum;  // empty: what has arrived is to be thrown away
  std::uint64_t done;    // rows that have arrived, in the order of the primary key
};

// A row of that table: its first four columns, in the order above. `Row` is a dialect's.
inline constexpr const char* kSelectMarks =
    "SELECT table_name, source_rows, source_checksum, rows_done FROM unfinished_move";
template <class Row>
Mark read_mark(Row& row) {
  Mark mark;
  mark.table = row.text();
  mark.rows = row.template unsigned_integer<std::uint64_t>();
  mark.checksum = row.text();
  mark.done = row.template unsigned_integer<std::uint64_t>();
  return mark;
}

// For whoever wants to use such a database.
std::unexpected<base::Error> refuse_half_moved(std::string_view database);

}  // namespace latchkey::storage::transfer

// Tables as a move between databases sees them: what every dialect can say about them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace latchkey::storage::transfer {

// What values are once the dialects' own types are left aside: ids are bytes, flags are integers.
enum class Kind : std::uint8_t { integer, text, bytes };

struct Column {
  std::string name;
  Kind kind;
  bool may_be_null;
  bool is_in_key;  // of the primary key
  bool operator==(const Column&) const = default;
};

struct Table {
  std::string name;
  std::vector<Column> columns;
  std::vector<std::size_t> key;        // the primary key: positions in `columns`
  std::vector<std::string> refers_to;  // tables that foreign keys point to
};

// "a", "b": names for a statement, quoted, since a name may be a word of SQL.
std::string quoted(const std::string& name);
std::string quoted_columns(const Table& table);

// The same tables, each behind those it refers to. Throws InfraError when they refer to each other.
std::vector<Table> in_order_of_reference(std::vector<Table> tables);

}  // namespace latchkey::storage::transfer

#include "storage/transfer/table.h"

#include <algorithm>

#include "base/infra_error.h"

namespace latchkey::storage::transfer {

std::string quoted(const std::string& name) { return '"' + name + '"'; }

std::string quoted_columns(const Table& table) {
  std::string text;
  for (const Column& column : table.columns)
    text.append(text.empty() ? "" : ", ").append(quoted(column.name));
  return text;
}

std::vector<Table> in_order_of_reference(std::vector<Table> tables) {
  std::vector<Table> ordered;
  const auto is_placed = [&](const std::string& name) {
    return std::ranges::find(ordered, name, &Table::name) != ordered.end();
  };
  while (!tables.empty()) {
    const auto next = std::ranges::find_if(tables, [&](const Table& table) {
      return std::ranges::all_of(
          table.refers_to, [&](const std::string& name) { return name == table.name || is_placed(name); });
    });
    if (next == tables.end()) {
      throw base::InfraError(base::ErrorCode::internal_error, "tables that refer to each other");
    }
    ordered.push_back(std::move(*next));
    tables.erase(next);
  }
  return ordered;
}

}  // namespace latchkey::storage::transfer

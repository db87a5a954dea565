#include "storage/transfer/batch.h"

#include "storage/free_text.h"

namespace latchkey::storage::transfer {

void Batch::start(std::size_t columns) {
  columns_ = columns;
  cells_.clear();
  bytes_.clear();
}

void Batch::add_text(std::string_view text) {
  const std::string_view stored = storable_text(text, room_);
  if (stored != text) ++changed_texts_;
  add_bytes(stored);
}

void Batch::add_bytes(std::string_view bytes) {
  cells_.push_back({.is_null = false, .number = 0, .begin = bytes_.size(), .length = bytes.size()});
  bytes_ += bytes;
}

Value Batch::value(std::size_t row, std::size_t column) const {
  const Cell& cell = cells_[row * columns_ + column];
  return {.is_null = cell.is_null,
          .number = cell.number,
          .bytes = std::string_view(bytes_).substr(cell.begin, cell.length)};
}

Key Batch::last_key(const Table& table) const {
  Key key;
  for (const std::size_t column : table.key) {
    const Value part = value(rows() - 1, column);
    key.parts.push_back({.number = part.number, .bytes = std::string(part.bytes)});
  }
  return key;
}

}  // namespace latchkey::storage::transfer

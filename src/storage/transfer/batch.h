// Rows on their way from one database to another.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "storage/transfer/table.h"

namespace latchkey::storage::transfer {

// One value of a row. Borrows its bytes.
struct Value {
  bool is_null = true;
  std::int64_t number = 0;      // of an integer
  std::string_view bytes = {};  // of text and bytes
};

// The primary key of a row, with its own bytes; without parts: before the first row.
struct Key {
  struct Part {
    std::int64_t number;
    std::string bytes;
  };
  std::vector<Part> parts;

  bool empty() const { return parts.empty(); }
  Value value(std::size_t part) const {
    return {.is_null = false, .number = parts[part].number, .bytes = parts[part].bytes};
  }
};

// Some rows of one table, in the order of the primary key. Owns all their bytes. Text is taken in the form
// that every dialect can store: what is not UTF-8, and every NUL, becomes a question mark.
class Batch {
 public:
  // Empties it for rows of that many columns.
  void start(std::size_t columns);

  // The values of a row, from left to right.
  void add_null() { cells_.push_back({.is_null = true}); }
  void add_number(std::int64_t number) { cells_.push_back({.is_null = false, .number = number}); }
  void add_text(std::string_view text);
  void add_bytes(std::string_view bytes);

  std::size_t rows() const { return columns_ == 0 ? 0 : cells_.size() / columns_; }
  std::size_t columns() const { return columns_; }
  // Valid until the next change.
  Value value(std::size_t row, std::size_t column) const;
  // The key of the last row; there must be one.
  Key last_key(const Table& table) const;
  std::size_t bytes() const { return bytes_.size() + cells_.size() * sizeof(Cell); }
  // Texts that were changed since the batch was made.
  std::uint64_t changed_texts() const { return changed_texts_; }

 private:
  struct Cell {
    bool is_null = false;
    std::int64_t number = 0;
    std::size_t begin = 0, length = 0;
  };
  std::size_t columns_ = 0;
  std::vector<Cell> cells_;
  std::string bytes_;
  std::string room_;
  std::uint64_t changed_texts_ = 0;
};

}  // namespace latchkey::storage::transfer

// A number for the contents of a table that is the same in every dialect.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "storage/transfer/batch.h"

namespace latchkey::storage::transfer {

// The number of rows and a sum over the SHA-256 of each. A sum does not depend on the order of the rows, and
// their number, and that no two have the same key, is known besides: so a row that is missing, doubled or
// changed shows.
class Checksum {
 public:
  void add(const Table& table, const Batch& batch);
  std::uint64_t rows() const { return rows_; }
  // 64 hexadecimal digits.
  std::string text() const;

 private:
  std::uint64_t rows_ = 0;
  std::array<std::uint64_t, 4> sums_{};
  std::string row_;
};

}  // namespace latchkey::storage::transfer

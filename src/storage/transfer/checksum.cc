#include "storage/transfer/checksum.h"

#include <fmt/format.h>

#include "crypto/digest.h"

namespace latchkey::storage::transfer {
namespace {

void append_number(std::string& out, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 0xFF);
}

// Unambiguous: each value says what it is and how long.
void append_value(std::string& out, Kind kind, const Value& value) {
  if (value.is_null) {
    out += 'n';
    return;
  }
  switch (kind) {
    case Kind::integer:
      out += 'i';
      append_number(out, static_cast<std::uint64_t>(value.number));
      return;
    case Kind::text:
    case Kind::bytes:
      out += kind == Kind::text ? 't' : 'b';
      append_number(out, value.bytes.size());
      out += value.bytes;
      return;
  }
}

}  // namespace

void Checksum::add(const Table& table, const Batch& batch) {
  for (std::size_t row = 0; row < batch.rows(); ++row) {
    row_.clear();
    for (std::size_t column = 0; column < table.columns.size(); ++column) {
      append_value(row_, table.columns[column].kind, batch.value(row, column));
    }
    const crypto::Sha256 digest = crypto::sha256(row_);
    for (std::size_t i = 0; i < digest.size(); i += 8) {
      std::uint64_t part = 0;
      for (std::size_t byte = 0; byte < 8; ++byte)
        part = part << 8 | static_cast<std::uint8_t>(digest[i + byte]);
      sums_[i / 8] += part;
    }
  }
  rows_ += batch.rows();
}

std::string Checksum::text() const { return fmt::format("{:016x}", fmt::join(sums_, "")); }

}  // namespace latchkey::storage::transfer

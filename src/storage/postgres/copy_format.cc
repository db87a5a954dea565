#include "storage/postgres/copy_format.h"

#include <fmt/format.h>

#include <limits>

#include "base/infra_error.h"

namespace latchkey::storage::postgres {
namespace {

using base::ErrorCode;
using base::InfraError;
using transfer::Kind;
using transfer::Value;

// Big-endian, as all numbers in the format.
template <class T>
void append_number(std::string& out, T number) {
  for (int shift = static_cast<int>(sizeof number - 1) * 8; shift >= 0; shift -= 8)
    out += static_cast<char>(static_cast<std::uint64_t>(number) >> shift & 0xFF);
}

void append_bytes(std::string& out, std::string_view bytes) {
  append_number(out, static_cast<std::int32_t>(bytes.size()));
  out += bytes;
}

// False when it does not fit.
bool append_field(std::string& out, ColumnType type, const Value& value) {
  constexpr std::int32_t kNull = -1;
  if (value.is_null) {
    append_number(out, kNull);
    return true;
  }
  switch (type) {
    case ColumnType::uuid:
      append_bytes(out, value.bytes);
      return value.bytes.size() == 16;
    case ColumnType::bytea:
    case ColumnType::text:
      append_bytes(out, value.bytes);
      return true;
    case ColumnType::int8:
      append_number(out, std::int32_t{8});
      append_number(out, value.number);
      return true;
    case ColumnType::int2:
      append_number(out, std::int32_t{2});
      append_number(out, static_cast<std::int16_t>(value.number));
      return value.number >= std::numeric_limits<std::int16_t>::min() &&
             value.number <= std::numeric_limits<std::int16_t>::max();
    case ColumnType::boolean:
      append_number(out, std::int32_t{1});
      append_number(out, static_cast<std::int8_t>(value.number));
      return value.number == 0 || value.number == 1;
  }
  return false;
}

}  // namespace

ColumnType column_type(std::string_view name) {
  if (name == "uuid") return ColumnType::uuid;
  if (name == "bytea") return ColumnType::bytea;
  if (name == "text") return ColumnType::text;
  if (name == "bigint") return ColumnType::int8;
  if (name == "smallint") return ColumnType::int2;
  if (name == "boolean") return ColumnType::boolean;
  throw InfraError(ErrorCode::internal_error, fmt::format("a column has the type {}", name));
}

Kind kind_of(ColumnType type) {
  switch (type) {
    case ColumnType::uuid:
    case ColumnType::bytea:
      return Kind::bytes;
    case ColumnType::text:
      return Kind::text;
    case ColumnType::int8:
    case ColumnType::int2:
    case ColumnType::boolean:
      return Kind::integer;
  }
  return Kind::integer;
}

std::string to_copy_format(const transfer::Table& table, const std::vector<ColumnType>& types,
                           const transfer::Batch& batch) {
  constexpr std::string_view kSignature("PGCOPY\n\xFF\r\n\0", 11);
  std::string out(kSignature);
  append_number(out, std::int32_t{0});  // flags
  append_number(out, std::int32_t{0});  // length of what else a header could have
  for (std::size_t row = 0; row < batch.rows(); ++row) {
    append_number(out, static_cast<std::int16_t>(types.size()));
    for (std::size_t column = 0; column < types.size(); ++column) {
      if (append_field(out, types[column], batch.value(row, column))) continue;
      throw InfraError(ErrorCode::internal_error,
                       fmt::format("a value of {}.{} does not fit its column in the other database",
                                   table.name, table.columns[column].name));
    }
  }
  append_number(out, std::int16_t{-1});
  return out;
}

}  // namespace latchkey::storage::postgres

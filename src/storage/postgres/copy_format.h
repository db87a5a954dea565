// Rows in the binary format of PostgreSQL's COPY.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "storage/transfer/batch.h"

namespace latchkey::storage::postgres {

// The types that columns have here.
enum class ColumnType : std::uint8_t { uuid, bytea, text, int8, int2, boolean };

// From the type's name as format_type tells it; throws InfraError when migrations have not used it so far.
ColumnType column_type(std::string_view name);
transfer::Kind kind_of(ColumnType type);

// The whole of what COPY … FROM STDIN (FORMAT binary) takes. Throws InfraError when a value does not fit its
// column: an id that is not 16 bytes long, a number that is too large.
std::string to_copy_format(const transfer::Table& table, const std::vector<ColumnType>& types,
                           const transfer::Batch& batch);

}  // namespace latchkey::storage::postgres

#include "storage/transfer/mark.h"

#include <fmt/format.h>

namespace latchkey::storage::transfer {

std::unexpected<base::Error> refuse_half_moved(std::string_view database) {
  return base::fail(
      {.code = base::ErrorCode::storage_unavailable,
       .detail = "a move into the database has not ended",
       .message = fmt::format(
           "A move into {} has begun and not ended, so it holds a part of the data only. Run the same "
           "latchkey migrate --from … --to … again: it goes on where it stopped.",
           database)});
}

}  // namespace latchkey::storage::transfer

// Values that every dialect stores in the same way although SQL has no word for them.
#pragma once

#include <cstdint>
#include <string_view>

#include "domain/ids.h"
#include "domain/session.h"

namespace latchkey::storage {

// Stored as numbers: never reuse or renumber one.
int to_stored(domain::SessionEnd end);
// A number that a later version wrote reads as revoked: ended is what counts.
domain::SessionEnd session_end_from_stored(std::int64_t number);

// A sign-in by this method stores NULL.
inline constexpr std::string_view kUsualMethod = "password";

// Sorts after every id of version 7: where a listing from the newest on begins.
domain::EventId last_possible_event_id();

}  // namespace latchkey::storage

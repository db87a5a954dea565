// What has to be done now and then: keys that grow old, rows that have served.
#pragma once

#include "flows/environment.h"

namespace latchkey::flows {

// Cheap; every few seconds. Takes up keys that another process rotated, and rotates a key whose time has
// come.
void maintain_keys(Environment& env);
// Every few minutes. Deletes events and ended sessions past their retention, in small transactions so that
// nobody waits long; returns how many rows went.
std::uint64_t purge_old_rows(Environment& env);

}  // namespace latchkey::flows

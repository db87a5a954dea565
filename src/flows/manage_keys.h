// Listing and rotating the signing keys.
#pragma once

#include <vector>

#include "flows/environment.h"

namespace latchkey::flows {

std::vector<domain::StoredKey> list_keys(Environment& env);
// The next key becomes active, the active one retires and verifies until its last token has expired. Nobody
// is signed out. A running server takes it up within seconds, and accepts both keys all the while.
void rotate_keys(Environment& env);
// rotate_keys when the active key is older than the settings allow. True when it rotated.
bool rotate_keys_if_due(Environment& env);

}  // namespace latchkey::flows

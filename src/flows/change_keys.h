// Changes of the stored keys, which are planned before the transaction that writes them.
#pragma once

#include <optional>
#include <vector>

#include "base/function_ref.h"
#include "domain/key_ring.h"
#include "domain/store.h"

namespace latchkey::flows {

// Decides from the stored keys what to change; nothing when there is nothing to do. Makes the new keys, which
// takes up to a second for RSA. May be asked more than once.
using PlanKeys = base::FunctionRef<std::optional<domain::KeyRotation>(const std::vector<domain::StoredKey>&)>;

// Writes what `plan` decides, and `event` if there is one, in one transaction. The plan is made outside of
// it, so that no other write waits for a key; if another process has changed the keys meanwhile, it is
// dropped and made anew. True when something was written.
bool change_keys(domain::Store& store, PlanKeys plan, const std::optional<domain::Event>& event);

}  // namespace latchkey::flows

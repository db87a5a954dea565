// The ids of the things the domain knows; one type each, so that they cannot be mixed up.
#pragma once

#include "base/uuid.h"

namespace latchkey::domain {

using UserId = base::Id<struct UserTag>;
using SessionId = base::Id<struct SessionTag>;
using EventId = base::Id<struct EventTag>;

}  // namespace latchkey::domain

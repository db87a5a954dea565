#include "base/version.h"

namespace latchkey::base {

std::string_view version() { return LATCHKEY_VERSION; }

}  // namespace latchkey::base

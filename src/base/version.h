// Which Latchkey this is.
#pragma once

#include <string_view>

namespace latchkey::base {

// "0.1.0", from the file VERSION.
std::string_view version();

}  // namespace latchkey::base

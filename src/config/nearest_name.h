// Finds the name somebody probably meant.
#pragma once

#include <string_view>

namespace latchkey::config {

// The setting whose name is nearest to `unknown`: a few letters off, or the same key in another section.
// Empty when nothing is near.
std::string_view nearest_setting(std::string_view unknown);

}  // namespace latchkey::config

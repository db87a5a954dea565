// Settings that are right one by one but not together, or not on this machine.
#pragma once

#include <set>
#include <string_view>
#include <vector>

#include "config/loader.h"

namespace latchkey::config {

// Appends a problem for each check that fails. `unsound` names settings whose given value was refused: checks
// that involve one are left out, because the value is not what was meant.
void check_together(const Configuration& configuration, const Machine& machine,
                    const std::set<std::string_view>& unsound, std::vector<Problem>& problems);

}  // namespace latchkey::config

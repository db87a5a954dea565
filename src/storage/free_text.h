// Text that a client chose, made fit for a database that takes valid UTF-8 only.
#pragma once

#include <string>
#include <string_view>

namespace latchkey::storage {

// The text itself, or a copy in `room` in which every byte that is not part of UTF-8, and every NUL, is a
// question mark. A browser's name in Latin-1 must not make its sign-in fail. What is returned borrows from
// either.
std::string_view storable_text(std::string_view text, std::string& room);

}  // namespace latchkey::storage

// Passwords from the terminal or a pipe; never from an argument, which others can see.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "base/secret.h"

namespace latchkey::cli {

enum class PasswordSource : std::uint8_t { terminal, terminal_once, standard_input };

// From the terminal: asked for twice (once: an existing one) on standard error, not shown while typed. From
// standard input: everything up to its end, without one line end. Fails with validation_failed and a message:
// no terminal there, the two differ, empty, too long, given up.
base::Result<base::Secret> read_password(PasswordSource source);

}  // namespace latchkey::cli

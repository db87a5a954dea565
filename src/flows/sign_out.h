// Sign-out: ends sessions of the person who asks.
#pragma once

#include "flows/authenticate.h"

namespace latchkey::flows {

enum class SignOutScope : std::uint8_t { global, local, others };  // all, this one, all but this one

// Both tokens of an ended session are dead from the answer on, the refresh grace too.
void sign_out(Environment& env, const Authenticated& who, SignOutScope scope, const Client& client);

}  // namespace latchkey::flows

// Credentials that stand in a text.
#pragma once

#include <string_view>

namespace latchkey::doctor {

// The part of the text that is a private key, a JWT, a provider's server-side key, or what stands behind a
// constant `Basic ` or `Bearer `; empty when there is none. Keys made to be public (Supabase's `anon`) do not
// count.
std::string_view secret_in(std::string_view text);

// Whether there is a JWT in it that is made to be public.
bool holds_public_jwt(std::string_view text);

}  // namespace latchkey::doctor

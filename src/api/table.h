// The table of all endpoints. table.cc reads as the security policy: who may call what, what it costs, what
// limits it.
#pragma once

#include <string_view>

#include "flows/environment.h"
#include "http/router.h"

namespace latchkey::api {

// Adds the API of one environment under `base` ("/auth/v1"). Keeps a reference to the environment.
void add_environment(http::Router& router, std::string_view base, flows::Environment& env);
// Adds the JWKS at the root as well, for libraries that look for it there.
void add_root_jwks(http::Router& router, flows::Environment& env);

}  // namespace latchkey::api

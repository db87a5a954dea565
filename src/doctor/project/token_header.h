// The header that carries the session's token, and what is put into it.
#pragma once

#include <string_view>
#include <vector>

#include "flutterflow/project.h"

namespace latchkey::doctor {

bool is_authorization(std::string_view name);  // in any case
bool is_token_header(std::string_view name);   // that, or another that holds a token

// The call's parameters that its token header uses and that nothing stands in for (`token ?? session.token`).
std::vector<const flutterflow::CallParameter*> token_parameters(const flutterflow::ApiCall& call);

// Neither null nor ''.
bool has_usable_default(const flutterflow::CallParameter& parameter);

// What is handed over for the parameter there; null when nothing is.
flutterflow::dart::ExpressionPtr given(const flutterflow::CallSite& site, std::string_view parameter);

// Nothing, null or ''.
bool is_empty_value(flutterflow::dart::ExpressionPtr value);

}  // namespace latchkey::doctor

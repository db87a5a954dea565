// The places that log somebody in, and the calls behind them.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "doctor/project/context.h"

namespace latchkey::doctor {

// A signIn (or updateAuthUserData) in a handler. One that stands in an action block is there once for each
// handler that comes to it.
struct SignIn {
  const flutterflow::Handler* handler = nullptr;
  const flutterflow::Step* step = nullptr;

  std::size_t index() const { return static_cast<std::size_t>(step - handler->steps.data()); }
};

// In reachable handlers, in their order.
std::vector<SignIn> sign_ins(const Context& context);
std::vector<SignIn> updates(const Context& context);

// Each place of the source once, with all the handlers that come to it.
std::vector<std::vector<SignIn>> by_place(const std::vector<SignIn>& all);

// Whether an argument is there and neither null nor ''.
bool is_given(const flutterflow::Step& step, std::string_view argument);
// Whether any of them gives it.
bool is_given(const std::vector<SignIn>& all, std::string_view argument);

flutterflow::Site site_of(const flutterflow::Handler& handler, const flutterflow::Step& step,
                          flutterflow::dart::ExpressionPtr expression);

// The calls (API calls, own HTTP code, custom actions) whose answer goes into its arguments; when there is
// none, the API calls of the login that run before it.
std::vector<const flutterflow::Step*> feeding_calls(const Context& context, const SignIn& sign_in);

// Whether the origin is, or holds, something that is not known before the app runs.
bool is_constant(const flutterflow::Origin& origin);

// The last name of a JSON path: `token` of `$.data.token`.
std::string_view last_name(std::string_view json_path);

}  // namespace latchkey::doctor

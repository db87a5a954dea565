// A small exported project with custom authentication on which no rule of the doctor fires, to be made wrong
// in one place.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "flutterflow/source_tree.h"

namespace latchkey::doctor::testing {

// How the generator wrote projects over the years.
enum class Generation {
  y2023,  // flat routes with literal names, single API calls, no escaping offered: forms
  y2024,  // routes nested under _initialize, grouped calls with getBaseUrl()
  y2025,  // names of routes as constants of the pages
  y2026,  // interceptors, addresses from the environment file, a library of its own in dependencies/
};

// Its files by path; a value, changed by its own functions.
class CleanApp {
 public:
  explicit CleanApp(Generation generation = Generation::y2025);

  // Replaces the only place of `from` in the file; throws when there is none or there are several.
  CleanApp& replace(std::string_view path, std::string_view from, std::string_view to);
  CleanApp& set(std::string_view path, std::string_view text);
  CleanApp& remove(std::string_view path);
  // The line, from 1, where the text stands; throws when it stands nowhere.
  unsigned line_of(std::string_view path, std::string_view text) const;
  flutterflow::SourceTree tree() const;

 private:
  std::map<std::string, std::string, std::less<>> files_;
};

inline constexpr std::string_view kLogin = "lib/pages/login/login_widget.dart";
inline constexpr std::string_view kSignUp = "lib/pages/sign_up/sign_up_widget.dart";
inline constexpr std::string_view kHome = "lib/pages/home/home_widget.dart";
inline constexpr std::string_view kCalls = "lib/backend/api_requests/api_calls.dart";
inline constexpr std::string_view kNav = "lib/flutter_flow/nav/nav.dart";
inline constexpr std::string_view kManager = "lib/auth/custom_auth/custom_auth_manager.dart";
inline constexpr std::string_view kUserStruct = "lib/backend/schema/structs/user_struct.dart";
inline constexpr std::string_view kAppState = "lib/app_state.dart";

}  // namespace latchkey::doctor::testing

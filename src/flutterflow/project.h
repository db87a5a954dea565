// An exported FlutterFlow project as facts: settings, API calls, data types, routes, pages. What a place in
// the source says, not whether it is good: that is the doctor's business.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "flutterflow/dart/syntax.h"
#include "flutterflow/source_index.h"
#include "flutterflow/source_tree.h"

namespace latchkey::flutterflow {

// A getter of a call's class: `String? token(dynamic response) => castToType<String>(getJsonField(response,
// r'''$.token'''))`.
struct CallGetter {
  std::string name;
  std::string json_path;  // `$.data.token`
  std::string type;       // the Dart type it answers, without `?`; empty for dynamic
  bool is_list = false;
  Site site;
};

struct CallParameter {
  std::string name;
  std::string type;
  dart::ExpressionPtr default_value = nullptr;
  Site site;
};

enum class BodyKind : std::uint8_t { none, json, text, form, multipart, other };

struct CallHeader {
  std::string name;
  dart::ExpressionPtr value = nullptr;
  Site site;
};

struct ApiGroup {
  std::string class_name = {};                 // `AuthGroup`
  dart::ExpressionPtr base_url = nullptr;      // what getBaseUrl answers; null when there is none
  std::vector<CallHeader> headers = {};        // a template of the builder: what is sent stands in the calls
  std::vector<std::string> interceptors = {};  // class names
  std::vector<std::pair<std::string, std::string>> members = {};  // `loginCall` → `LoginCall`
  Site site = {};
};

// A class `XCall` with a `call(…)`: a member of a group or single.
struct ApiCall {
  std::string class_name;  // `LoginCall`
  std::string call_name;   // callName:, the name in the builder
  std::string group;       // class name of its group, empty when single
  std::string method;      // GET POST PUT PATCH DELETE; empty when not found
  dart::ExpressionPtr url = nullptr;
  std::string url_text;  // best effort: base URL and constants put in, `[x]` where a value is not constant
  std::vector<CallParameter> parameters;
  std::vector<CallHeader> headers;       // its own; the group's are in the group
  dart::ExpressionPtr params = nullptr;  // the map of query or form fields
  BodyKind body_kind = BodyKind::none;
  dart::ExpressionPtr body =
      nullptr;  // the template, where it stands: a local `ffApiRequestBody = '''…'''` is followed
  bool returns_body = true;
  bool is_cached = false;
  bool is_private = false;  // through makeCloudCall
  bool is_defined = true;   // false: it is called, but its class is not in the export; only the name is known
  std::vector<std::string> interceptors;
  std::vector<CallGetter> getters;
  const dart::Function* function = nullptr;  // call(…); null when not defined
  Site host_site;  // the text that names the host, where it stands; of the URL when that is not in the source
  Site site;       // of the class
  Site make_site;  // of makeApiCall(…)
};

struct StructField {
  std::string name;      // the Dart getter
  std::string json_key;  // the key in fromMap
  std::string type;      // without `?`
  std::optional<std::string>
      default_value;                       // as written, of the getter's `?? …`; nothing when it answers null
  dart::ExpressionPtr from_map = nullptr;  // how fromMap reads it
  Site site;
};

struct StructType {
  std::string name;  // `UserStruct`
  std::vector<StructField> fields;
  Site site;
};

struct StateField {
  std::string name;
  std::string type;
  dart::ExpressionPtr initial = nullptr;
  bool is_persisted = false;
  bool is_secure = false;  // FlutterSecureStorage
  Site site;
};

struct Route {
  std::string name;    // `HomePage`
  std::string path;    // whole, nested prefixes put in
  std::string widget;  // class of the page
  bool requires_auth = false;
  bool shows_nav_bar = false;  // its builder makes a NavBarPage in every or in some cases
  Site site;
};

// A page or a component: a widget's class and its model.
struct Page {
  std::string widget;      // `LoginWidget`
  std::string route_name;  // empty for a component
  std::string route_path;
  bool is_component = false;
  bool is_reachable = false;  // a route, the nav bar, or a component that a reachable page shows
  std::vector<const SourceUnit*> units;
  std::vector<std::string> components;  // widget classes it shows
  Site site;
};

// The code around a place: the class (null at the top level), the function of that class or of the top level
// (null for the initial value of a field), and the page or component both belong to (null when none).
struct Scope {
  const SourceUnit* unit = nullptr;
  const dart::Class* owner = nullptr;
  const dart::Function* function = nullptr;
  const Page* page = nullptr;
};

// `LoginCall.call(…)` or `AuthGroup.loginCall.call(…)`.
struct CallSite {
  const ApiCall* call = nullptr;
  dart::ExpressionPtr expression = nullptr;
  Scope scope;
  Site site;
};

// `authManager.signIn(…)`, signOut, updateAuthUserData, …
struct AuthUse {
  std::string_view method;
  dart::ExpressionPtr expression = nullptr;
  Scope scope;
  Site site;
};

struct AuthSettings {
  bool is_custom = false;
  std::string other_type;  // `firebase`, `supabase`, … when not custom
  bool persists = false;
  std::string user_data_type;  // `UserStruct`, empty when none
  std::string entry_page;      // widget class, empty when not found
  std::string logged_in_page;  // widget class; NavBarPage's first or named page when it is a nav bar
  bool has_nav_bar = false;    // the app has a NavBarPage
  bool logged_in_shows_nav_bar = false;    // and people who are logged in see it first
  std::vector<std::string> nav_bar_pages;  // widget classes
  Site pair_site;                          // `appStateNotifier.loggedIn ? A() : B()`
  Site manager_site;                       // class CustomAuthManager
};

// Whole project. Built once, then read only; units and everything that points into them live as long as it.
struct Project {
  enum class Kind : std::uint8_t { not_flutterflow, no_custom_auth, custom_auth };
  Kind kind = Kind::not_flutterflow;
  std::string name;        // of pubspec.yaml
  std::string generation;  // what tells the generator's year, in words
  std::vector<std::unique_ptr<SourceUnit>> units;
  AuthSettings auth;
  std::vector<ApiGroup> groups;
  std::vector<ApiCall> calls;
  std::vector<StructType> structs;
  std::vector<StateField> app_state;
  std::vector<Route> routes;
  Site route_list;
  std::vector<Page> pages;
  std::vector<CallSite> call_sites;  // those that something reaches, by file and place
  std::vector<AuthUse> auth_uses;    // likewise; not those in CustomAuthManager itself
  SourceIndex index;
  std::unordered_set<const dart::Function*> reached_functions;
  std::map<std::string, std::string, std::less<>> environment;  // of environment.json
  std::vector<std::string> problems;  // files that could not be read or parsed, in words for the report

  const ApiCall* find_call(std::string_view class_name) const;
  const ApiGroup* find_group(std::string_view class_name) const;
  const StructType* find_struct(std::string_view name) const;
  const StateField* find_state(std::string_view field) const;
  const Page* find_page(std::string_view widget) const;
  const Page* find_page_by_route(std::string_view route) const;
  const SourceUnit* find_unit(std::string_view path) const;

  // The call that an expression in `unit` names: `LoginCall`, `LoginCall()`, `AuthGroup.loginCall`,
  // `api.LoginCall`, or one of its members called on it (`AuthGroup.loginCall.token(…)`). Null when it names
  // none.
  const ApiCall* find_call(const SourceUnit& unit, dart::ExpressionPtr expression) const;
  // Whether something leads from main() to the function (of the top level or of a class): by names, so that a
  // function counts when anything that runs mentions one of its name.
  bool is_reachable(const dart::Function* function) const { return reached_functions.contains(function); }
  // The page or component that a class is part of: the widget itself, its state, its model.
  const Page* page_of(const SourceUnit& unit, const dart::Class& owner) const;
};

Project read_project(const SourceTree& tree);

}  // namespace latchkey::flutterflow

// What all rules look at: the project, its handlers, and what its calls are for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "doctor/project/roles.h"
#include "flutterflow/handler.h"
#include "flutterflow/project.h"

namespace latchkey::doctor {

struct CallFacts {
  const flutterflow::ApiCall* call = nullptr;
  Role role = Role::none;
  bool feeds_sign_in = false;  // its answer goes into signIn or updateAuthUserData
  bool is_called = false;
  std::vector<const flutterflow::CallSite*> sites = {};  // those that something reaches

  // Part of the auth flow: feeds signIn, or looks like login (one-time codes included), registration,
  // refresh, logout.
  bool is_in_flow() const {
    return feeds_sign_in || role == Role::login || role == Role::code || role == Role::registration ||
           role == Role::refresh || role == Role::logout;
  }
};

// A function of the app's own that does what a call of that role does: a custom action `refreshToken`, a
// service's `registerUser`. Only those that something reaches.
struct OwnFunction {
  Role role = Role::none;
  const flutterflow::SourceUnit* unit = nullptr;
  const flutterflow::dart::Function* function = nullptr;
};

// An interceptor of a call that is called.
struct Interceptor {
  const flutterflow::ClassEntry* entry = nullptr;
  bool refreshes = false;  // its code calls a refresh, or an address that is one
};

// Built once; points into the project and the handlers, which must outlive it.
class Context {
 public:
  Context(const flutterflow::Project& project, const flutterflow::Handlers& handlers);

  const flutterflow::Project& project() const { return project_; }
  const flutterflow::Handlers& handlers() const { return handlers_; }
  const std::vector<flutterflow::Mapping>& mappings() const { return mappings_; }

  const std::vector<CallFacts>& calls() const { return calls_; }
  const CallFacts& facts(const flutterflow::ApiCall& call) const;
  Role role_of(const flutterflow::ApiCall& call) const { return facts(call).role; }
  const std::vector<OwnFunction>& own_functions() const { return own_functions_; }
  const std::vector<Interceptor>& interceptors() const { return interceptors_; }
  // Whether a call of that role, or a function of the app's own that does the same, is called; of refresh,
  // whether an interceptor does it.
  bool does(Role role) const;

  // Calls on the auth manager that something reaches: `signIn`, `signOut`, …
  std::vector<const flutterflow::AuthUse*> uses(std::string_view method) const;
  bool signs_in() const { return !uses("signIn").empty(); }

  // The pages with a route that show the component, directly or through others; the page itself when it is
  // one. Only reachable ones.
  std::vector<const flutterflow::Page*> pages_holding(const flutterflow::Page* page) const;
  bool requires_auth(const flutterflow::Page& page) const;  // its route does, and no open one shows it too
  // Whether a person without a session can be where the code stands. Code outside of pages counts as open.
  bool opens_logged_out(const flutterflow::Page* page) const;

  // API definitions are missing from the export (people keep them out of git): call sites without their
  // classes.
  bool lacks_definitions() const { return lacks_definitions_; }

  // Where a rule about something absent points: the first class of api_calls.dart, the first signIn, the
  // route list; when that is absent too, what is nearest.
  flutterflow::Site first_call_class() const;
  flutterflow::Site first_sign_in() const;
  flutterflow::Site route_list() const;

 private:
  void read_calls();
  void read_own_functions();
  void read_interceptors();
  bool refreshes(const flutterflow::ClassEntry& interceptor) const;

  const flutterflow::Project& project_;
  const flutterflow::Handlers& handlers_;
  std::vector<flutterflow::Mapping> mappings_;
  std::vector<CallFacts> calls_;  // in the order of Project::calls
  std::vector<OwnFunction> own_functions_;
  std::vector<Interceptor> interceptors_;
  bool lacks_definitions_ = false;
};

// `POST /login`, as far as known.
std::string endpoint_of(const flutterflow::ApiCall& call);

// A getter, the head line of a class, …: the first line of a site, for anchors.
flutterflow::Site head_of(const flutterflow::Site& site);

}  // namespace latchkey::doctor

// Finds the calls of the flow: first where known servers have them, then beside the login.
#include <algorithm>
#include <array>
#include <map>

#include "doctor/probe/run.h"

namespace latchkey::doctor {
namespace {

// Where the login of known servers stands, and what is beside it.
struct Family {
  std::string_view kind;
  std::string_view login;  // below the base
  std::string_view signup, refresh, me, logout;
  std::string_view login_body = {};
  std::string_view signup_body = {};
  std::string_view refresh_body = {};
};

constexpr std::array kFamilies = {
    Family{"GoTrue (Latchkey, Supabase Auth)", "/auth/v1/login", "/auth/v1/signup", "/auth/v1/refresh",
           "/auth/v1/user", "/auth/v1/logout"},
    Family{"GoTrue (Supabase Auth)", "/auth/v1/token?grant_type=password", "/auth/v1/signup",
           "/auth/v1/token?grant_type=refresh_token", "/auth/v1/user", "/auth/v1/logout"},
    Family{"GoTrue", "/token?grant_type=password", "/signup", "/token?grant_type=refresh_token", "/user",
           "/logout"},
    Family{"better-auth",
           "/api/auth/sign-in/email",
           "/api/auth/sign-up/email",
           "",
           "/api/auth/get-session",
           "/api/auth/sign-out",
           {},
           R"({"email":"<email>","password":"<password>","name":"Latchkey doctor"})"},
    Family{"PocketBase", "/api/collections/users/auth-with-password", "/api/collections/users/records",
           "/api/collections/users/auth-refresh", "", "", R"({"identity":"<email>","password":"<password>"})",
           R"({"email":"<email>","password":"<password>","passwordConfirm":"<password>"})"},
    Family{"Firebase Authentication", "/v1/accounts:signInWithPassword", "/v1/accounts:signUp", "/v1/token",
           "", "", R"({"email":"<email>","password":"<password>","returnSecureToken":true})"},
    Family{"Django REST framework with SimpleJWT",
           "/api/token/",
           "",
           "/api/token/refresh/",
           "",
           "",
           R"({"username":"<email>","password":"<password>"})",
           {},
           R"({"refresh":"<refresh_token>"})"},
    Family{"Strapi", "/api/auth/local", "/api/auth/local/register", "", "/api/users/me", "",
           R"({"identifier":"<email>","password":"<password>"})"},
};

constexpr std::array<std::string_view, 9> kPrefixes = {
    "/auth", "", "/api/auth", "/api", "/api/v1/auth", "/api/v1", "/v1/auth", "/users", "/api/users"};
constexpr std::array<std::string_view, 2> kLoginNames = {"/login", "/signin"};

std::string folder_of(std::string_view target) {
  target = target.substr(0, target.find('?'));
  while (target.ends_with('/')) target.remove_suffix(1);
  return std::string(target.substr(0, target.rfind('/')));
}

// A body without the path that was asked for, which servers repeat.
std::string without(std::string body, std::string_view path) {
  for (std::size_t at = 0; (at = body.find(path, at)) != std::string::npos;) body.erase(at, path.size());
  return body;
}

bool is_html(const ProbeReply& reply) {
  return reply.header("Content-Type").find("html") != std::string::npos;
}

}  // namespace

// Whether something that does the work stands behind a path, told from its answer to an empty request.
bool Run::is_there(const ProbeReply& reply) const {
  if (reply.failure) return reply.failure->kind == http::ClientFailure::Kind::timed_out;
  if (reply.status == 404 || reply.status == 405 || reply.status == 501) return false;
  if (reply.is_ok() && is_html(reply)) return false;  // an app's page for every address
  // A guard in front of everything says the same of what is not there.
  const bool is_same = reply.status == nothing_here_.status && reply.body.size() == nothing_here_.body.size();
  return !is_same;
}

Endpoint Run::try_paths(std::string_view what, std::string_view method,
                        const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    if (prober_->is_exhausted()) return {};
    const ProbeReply reply = prober_->send({.what = "looking for the " + std::string(what),
                                            .method = std::string(method),
                                            .target = path,
                                            .body = method == "POST" ? "{}" : ""});
    if (reply.is_redirect() && what == "login") {
      const std::string location = reply.header("Location");
      const bool keeps_method = reply.status == 307 || reply.status == 308;
      if (!keeps_method && nothing_here_.status != reply.status) {
        fail("redirect_changes_method",
             std::string(method) + " " + path + " answers " + std::to_string(reply.status) +
                 " and sends to " + location.substr(0, 120) +
                 "; what arrives there is a GET without the body.",
             std::string(method) + " " + path);
        is_redirected_ = true;
        return {.method = std::string(method), .target = path};
      }
      continue;
    }
    if (!reply.is_redirect() && is_there(reply)) return {.method = std::string(method), .target = path};
    if (!prober_->page_in_front().empty()) return {};
  }
  return {};
}

std::string Run::words_if_missing(std::string_view what, std::string_view step, const Endpoint& endpoint) {
  const ProbeReply reply = prober_->send({.what = "looking whether the " + std::string(what) + " is there",
                                          .method = endpoint.method,
                                          .target = endpoint.target,
                                          .body = endpoint.method == "GET" ? "" : "{}"});
  bool is_missing = reply.status == 405 || reply.status == 501;
  if (reply.status == 404 && nothing_here_.status == 404) {
    // A server may say 404 of an account. Of a path it says what it says of one that cannot be there.
    is_missing = without(reply.body, endpoint.target) == without(nothing_here_.body, nothing_here_target());
  }
  if (!is_missing) return {};
  keep_answer(step, endpoint, reply);
  return endpoint.name() + " answers " + std::to_string(reply.status) +
         ", as if nothing were there. A path stands below the URL that you give; a whole URL goes as well.";
}

// Names beside the login: /auth/login → /auth/refresh, /refresh, …
std::vector<std::string> Run::siblings(const std::vector<std::string_view>& names) const {
  std::vector<std::string> paths;
  const std::string folder = folder_of(login_.target);
  const auto add = [&](std::string path) {
    if (std::ranges::find(paths, path) == paths.end()) paths.push_back(std::move(path));
  };
  for (const std::string_view name : names) add(folder + std::string(name));
  // One folder up as well: /auth/login and /users/me.
  const std::string above = folder_of(folder);
  if (folder != above && !folder.empty()) {
    for (std::size_t i = 0; i < names.size() && i < 2; ++i) add(above + std::string(names[i]));
  }
  return paths;
}

void Run::discover() {
  nothing_here_ = prober_->send({.what = "asking for what cannot be there",
                                 .method = "POST",
                                 .target = nothing_here_target(),
                                 .body = "{}"});
  const Family* family = nullptr;
  const bool is_given = static_cast<bool>(login_);
  std::string missing = is_given ? words_if_missing("login", "login", login_) : std::string();
  if (!is_given) {
    const std::string body = login_.body;
    std::vector<std::string> paths;
    // A base that ends in the folder of a known server: https://example.com/auth/v1
    for (const Family& known : kFamilies) paths.push_back(target_.base + std::string(known.login));
    std::vector<std::string> plain;
    for (const std::string_view name : kLoginNames) {
      for (const std::string_view prefix : kPrefixes)
        plain.push_back(target_.base + std::string(prefix) + std::string(name));
    }
    if (!target_.base.empty()) {
      plain.insert(plain.begin(), {target_.base + "/login", target_.base + "/token?grant_type=password"});
    }
    paths.insert(paths.begin() + 2, plain.begin(), plain.begin() + 4);
    paths.insert(paths.end(), plain.begin() + 4, plain.end());
    login_ = try_paths("login", "POST", paths);
    login_.body = body;
  }
  if (!missing.empty()) {
    fail("login_found", missing, login_.name());
    why_no_login_ = "No login is where it was said to be (see login_found).";
    login_ = {};
  } else if (login_) {
    for (const Family& known : kFamilies) {
      if (login_.target == target_.base + std::string(known.login) || login_.target == known.login)
        family = &known;
    }
    pass("login_found", "It is " + login_.name() + ".", login_.name());
  } else if (!prober_->page_in_front().empty()) {
    skip("login_found", "A page stands in front of the server.");
    why_no_login_ = "The login could not be reached.";
  } else {
    fail("login_found",
         "None of the usual paths is one (/auth/login, /login, /api/login, …). Tell the doctor with --login "
         "PATH.");
    why_no_login_ = "No login endpoint was found.";
  }
  if (family != nullptr) {
    server_kind_ = family->kind;
    if (login_.body.empty()) login_.body = family->login_body;
  }
  std::map<const Endpoint*, std::string> missing_endpoints;  // given ones, with what is to be said
  const auto find = [&](Endpoint& endpoint, std::string_view what, std::string_view step,
                        std::string_view method, std::string_view known,
                        const std::vector<std::string_view>& names) {
    if (!login_) return;
    if (endpoint) {
      if (std::string words = words_if_missing(what, step, endpoint); !words.empty()) {
        missing_endpoints.emplace(&endpoint, std::move(words));
        endpoint = {};
      }
      return;
    }
    const std::string body = endpoint.body;
    std::vector<std::string> paths;
    if (!known.empty()) {
      const std::string prefix = login_.target.substr(0, login_.target.size() - family->login.size());
      paths.push_back(prefix + std::string(known));
    } else if (family == nullptr) {
      paths = siblings(names);
    }
    endpoint = try_paths(what, method, paths);
    if (endpoint) endpoint.body = body;
  };
  const auto known = [&](std::string_view Family::* member) {
    return family == nullptr ? std::string_view() : family->*member;
  };
  find(signup_, "sign-up", "signup", "POST", known(&Family::signup),
       {"/signup", "/register", "/sign-up", "/registration"});
  if (family != nullptr && signup_ && signup_.body.empty()) signup_.body = family->signup_body;
  find(refresh_, "refresh", "refresh", "POST", known(&Family::refresh),
       {"/refresh", "/refresh-token", "/token/refresh", "/refresh_token", "/refreshToken"});
  if (family != nullptr && refresh_ && refresh_.body.empty()) refresh_.body = family->refresh_body;
  find(me_, "protected page", "me", "GET", known(&Family::me),
       {"/me", "/users/me", "/user", "/profile", "/userinfo", "/whoami"});
  find(logout_, "logout", "logout", "POST", known(&Family::logout), {"/logout", "/signout", "/sign-out"});
  const auto tell = [&](std::string_view id, const Endpoint& endpoint, std::string_view option) {
    if (!login_) {
      skip(id, why_no_login_);
    } else if (endpoint) {
      pass(id, "It is " + endpoint.name() + ".", endpoint.name());
    } else if (const auto words = missing_endpoints.find(&endpoint); words != missing_endpoints.end()) {
      fail(id, words->second);
    } else {
      fail(id, "Nothing of the usual names is beside the login. Tell the doctor with " + std::string(option) +
                   " PATH.");
    }
  };
  tell("signup_found", signup_, "--signup");
  tell("refresh_found", refresh_, "--refresh");
  tell("protected_found", me_, "--me");
  tell("logout_found", logout_, "--logout");
}

}  // namespace latchkey::doctor

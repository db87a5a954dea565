#include "doctor/probe/target.h"

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <boost/url/parse.hpp>
#include <optional>

#include "base/json_reader.h"
#include "flutterflow/project/lookup.h"
#include "flutterflow/yaml.h"

namespace latchkey::doctor {
namespace {

namespace json = boost::json;
using base::ErrorCode;
using base::fail;

constexpr std::array<std::string_view, 7> kMethods = {"GET",    "POST", "PUT",    "PATCH",
                                                      "DELETE", "HEAD", "OPTIONS"};

bool is_safe_target(std::string_view target) {
  return std::ranges::all_of(target, [](char c) { return c > ' ' && c != '\x7f' && c != '#'; });
}

// A path of the options as a target: below the base, or a whole URL of that host. One that begins with the
// base is meant from the root.
base::Result<Endpoint> read_step(const StepOption& option, const Target& target, std::string_view name,
                                 std::string_view method) {
  Endpoint endpoint{.method = option.method.empty() ? std::string(method) : option.method,
                    .body = option.body};
  if (option.path.empty()) return endpoint;
  const auto wrong = [&](std::string_view why) {
    return fail(ErrorCode::validation_failed,
                "--" + std::string(name) + " " + option.path.substr(0, 120) + ": " + std::string(why));
  };
  if (std::ranges::find(kMethods, endpoint.method) == kMethods.end()) return wrong("there is no such method");
  std::string path = option.path;
  if (path.find("://") != std::string::npos) {
    const auto whole = read_target(path);
    if (!whole || whole->origin != target.origin) return wrong("that is another host than the URL's");
    const std::size_t slash = path.find('/', path.find("://") + 3);
    endpoint.target = slash == std::string::npos ? "/" : path.substr(slash);
  } else {
    if (!path.starts_with('/')) path.insert(0, "/");
    endpoint.target = path.starts_with(target.base + "/") ? path : target.base + path;
  }
  if (!is_safe_target(endpoint.target)) return wrong("a path has neither blanks nor #");
  return endpoint;
}

// --- OpenAPI

bool holds_any(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(
      words, [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

// What an operation is for, by its path first and its id second.
Endpoint* step_for(Endpoints& steps, std::string_view method, std::string_view path, std::string_view id) {
  const std::string both = flutterflow::lower(path) + " " + flutterflow::lower(id);
  const bool is_get = method == "GET";
  if (is_get &&
      holds_any(both, {"/me", "/user", "whoami", "userinfo", "profile", "/account", "get-session"}) &&
      path.find('{') == std::string_view::npos) {
    return &steps.me;
  }
  if (method != "POST") return nullptr;
  if (holds_any(both, {"refresh"})) return &steps.refresh;
  if (holds_any(both, {"logout", "signout", "sign-out", "log-out"})) return &steps.logout;
  if (holds_any(both, {"signup", "sign-up", "register", "registration"})) return &steps.signup;
  if (holds_any(both, {"login", "signin", "sign-in", "authenticate", "/token", "/session"}))
    return &steps.login;
  return nullptr;
}

std::string text_at(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

base::Result<Endpoints> read_openapi(std::string_view text, const Target& target) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  std::optional<json::value> document;
  if (first != std::string_view::npos && text[first] == '{') {
    document = base::parse_json(text);
  } else if (auto yaml = flutterflow::read_yaml(text)) {
    document = *std::move(yaml);
  }
  if (!document || !document->is_object()) {
    return fail(ErrorCode::validation_failed,
                "--openapi: the file is neither JSON nor YAML with an OpenAPI document");
  }
  const json::object& root = document->get_object();
  const json::value* paths = root.if_contains("paths");
  if (paths == nullptr || !paths->is_object()) {
    return fail(ErrorCode::validation_failed, "--openapi: the document has no paths");
  }
  // The document's own base counts only where it is on the same host: a path, or a URL of that host.
  std::string base = target.base;
  if (base.empty()) {
    if (const std::string base_path = text_at(root, "basePath"); base_path.starts_with('/')) base = base_path;
    const json::value* servers = root.if_contains("servers");
    if (servers != nullptr && servers->is_array() && !servers->get_array().empty() &&
        servers->get_array().front().is_object()) {
      const std::string url = text_at(servers->get_array().front().get_object(), "url");
      if (url.starts_with('/')) {
        base = url;
      } else if (const auto other = read_target(url); other && other->origin == target.origin) {
        base = other->base;
      }
    }
    while (base.ends_with('/')) base.pop_back();
  }
  Endpoints steps;
  for (const auto& [path, item] : paths->get_object()) {
    if (!item.is_object() || !std::string_view(path).starts_with('/') || !is_safe_target(path)) continue;
    for (const auto& [verb, operation] : item.get_object()) {
      std::string method(verb);
      std::ranges::transform(method, method.begin(),
                             [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
      if (!operation.is_object() || std::ranges::find(kMethods, method) == kMethods.end()) continue;
      Endpoint* step = step_for(steps, method, path, text_at(operation.get_object(), "operationId"));
      if (step != nullptr && step->target.empty()) {
        *step = {.method = method, .target = base + std::string(path)};
      }
    }
  }
  return steps;
}

}  // namespace

std::string Endpoint::name() const { return method + " " + target.substr(0, target.find('?')); }

std::string origin_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  return scheme == std::string_view::npos ? std::string()
                                          : std::string(url.substr(0, url.find('/', scheme + 3)));
}

base::Result<Target> read_target(std::string_view text) {
  const auto wrong = [&](std::string_view why) {
    return fail(ErrorCode::validation_failed,
                std::string(text.substr(0, 120)) + ": " + std::string(why) +
                    ". Give the server's address, such as https://api.example.com");
  };
  const auto url = boost::urls::parse_uri(text);
  if (!url) return wrong("that is no address");
  Target target;
  target.is_tls = url->scheme() == "https";
  if (!target.is_tls && url->scheme() != "http")
    return wrong("the address must begin with https:// or http://");
  if (url->has_userinfo())
    return wrong("a user name and a password do not belong into the address; use --email and --password");
  target.host = url->host_address();
  if (target.host.empty()) return wrong("there is no host in it");
  target.port =
      url->port_number() != 0 ? url->port_number() : static_cast<std::uint16_t>(target.is_tls ? 443 : 80);
  if (url->has_port() && url->port_number() == 0) return wrong("that is no port");
  target.base = url->encoded_path();
  while (target.base.ends_with('/')) target.base.pop_back();
  target.origin = std::string(url->scheme()) + "://" + std::string(url->encoded_host());
  const bool is_default = target.port == (target.is_tls ? 443 : 80);
  if (!is_default) target.origin += ":" + std::to_string(target.port);
  return target;
}

base::Result<Endpoints> read_endpoints(const ProbeOptions& options, const Target& target) {
  Endpoints steps;
  if (!options.openapi.empty()) {
    auto read = read_openapi(options.openapi, target);
    if (!read) return read;
    steps = *std::move(read);
  }
  const auto take = [&](Endpoint& into, const StepOption& option, std::string_view name,
                        std::string_view method) -> base::Result<void> {
    auto read = read_step(option, target, name, method);
    if (!read) return fail(read.error());
    if (!read->target.empty()) {
      into = *std::move(read);
    } else if (!read->body.empty()) {
      into.body = read->body;
    }
    return {};
  };
  for (const auto& done :
       {take(steps.login, options.login, "login", "POST"),
        take(steps.signup, options.signup, "signup", "POST"),
        take(steps.refresh, options.refresh, "refresh", "POST"), take(steps.me, options.me, "me", "GET"),
        take(steps.logout, options.logout, "logout", "POST")}) {
    if (!done) return fail(done.error());
  }
  return steps;
}

}  // namespace latchkey::doctor

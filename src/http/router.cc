#include "http/router.h"

#include <algorithm>
#include <functional>
#include <set>
#include <stdexcept>
#include <utility>

#include "http/body.h"
#include "http/problem.h"

namespace latchkey::http {

using base::Error;
using base::ErrorCode;

namespace detail {
namespace {

// The endpoints of one method at one path: one, or several with selectors over one field.
struct MethodRoutes {
  Method method;
  std::vector<const Route*> routes;
  bool takes_body = false;
};

struct Resource {
  std::string path;
  std::vector<std::string> segments;  // of a path with fields
  std::vector<MethodRoutes> methods;

  const MethodRoutes* find(Method method) const {
    const Method wanted = method == Method::head ? Method::get : method;
    const auto found = std::find_if(methods.begin(), methods.end(),
                                    [&](const MethodRoutes& routes) { return routes.method == wanted; });
    return found == methods.end() ? nullptr : &*found;
  }
  std::string allow() const {
    std::string list;
    for (const MethodRoutes& routes : methods) {
      list.append(to_string(routes.method)).append(routes.method == Method::get ? ", HEAD, " : ", ");
    }
    return list + "OPTIONS";
  }
};

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

bool is_path_field(std::string_view segment) {
  return segment.size() > 2 && segment.starts_with('{') && segment.ends_with('}');
}

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> segments;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    segments.emplace_back(path.substr(0, path.find('/')));
    path.remove_prefix(segments.back().size());
  }
  return segments;
}

// The values of the fields, if `path` fits.
std::optional<Pairs> match(const std::vector<std::string>& pattern, std::string_view path) {
  const std::vector<std::string> segments = split_path(path);
  if (segments.size() != pattern.size()) return std::nullopt;
  Pairs values;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (is_path_field(pattern[i])) {
      values.emplace_back(pattern[i].substr(1, pattern[i].size() - 2), percent_decode(segments[i], false));
    } else if (pattern[i] != segments[i]) {
      return std::nullopt;
    }
  }
  return values;
}

[[noreturn]] void refuse(const RouteInfo& info, const std::string& why) {
  throw std::logic_error("route " + std::string(info.operation_id) + ": " + why);
}

// The error codes that come with what an endpoint is, so that no declaration needs to repeat them.
void add_common_errors(RouteInfo& info, const TypeInfo& request) {
  std::vector<ErrorCode> common = {ErrorCode::bad_request, ErrorCode::uri_too_long,
                                   ErrorCode::headers_too_large, ErrorCode::overloaded,
                                   ErrorCode::internal_error};
  if (info.has_body()) {
    common.insert(common.end(), {ErrorCode::bad_json, ErrorCode::body_too_large, ErrorCode::request_timeout});
  }
  if (!request.fields.empty() || !info.selector.field.empty()) common.push_back(ErrorCode::validation_failed);
  if (info.cost != Cost::memory) common.push_back(ErrorCode::storage_unavailable);
  if (info.bucket != kUnlimited) common.push_back(ErrorCode::over_request_rate_limit);
  info.errors.insert(info.errors.end(), common.begin(), common.end());
  std::sort(info.errors.begin(), info.errors.end());
  info.errors.erase(std::unique(info.errors.begin(), info.errors.end()), info.errors.end());
}

void check_path_fields(const RouteInfo& info, const TypeInfo& request) {
  std::set<std::string> in_path;
  for (const std::string& segment : split_path(info.path)) {
    if (is_path_field(segment)) in_path.insert(segment.substr(1, segment.size() - 2));
  }
  for (const FieldInfo& field : request.fields) {
    if (field.options.in == In::path && in_path.erase(std::string(field.name)) == 0) {
      refuse(info, "the path does not name the field " + std::string(field.name));
    }
  }
  if (!in_path.empty()) refuse(info, "no field for {" + *in_path.begin() + "}");
}

// An answer of more than one page of retries would only pile up; ask for the shortest there is.
constexpr std::chrono::seconds kRetryWhenFull{1};

void answer_error(Exchange& exchange, const Runtime& runtime, Error error) {
  if (exchange.route != nullptr) {
    const std::vector<ErrorCode>& declared = exchange.route->errors;
    if (std::find(declared.begin(), declared.end(), error.code) == declared.end()) {
      runtime.logger.log(base::LogLevel::error, "endpoint answered a code that it does not declare",
                         {{"operation", exchange.route->operation_id},
                          {"code", base::error_info(error.code).name},
                          {"request_id", exchange.request_id}});
    }
  }
  write_problem(error, exchange.request_id, exchange.response);
  exchange.error_detail = std::move(error.detail);
}

bool is_limited(const Runtime& runtime, Bucket bucket) {
  return runtime.admission != nullptr && bucket != kUnlimited;
}

std::optional<Error> limit(const Exchange& exchange, const Runtime& runtime, Bucket bucket,
                           std::string_view key) {
  const auto wait = runtime.admission->admit(bucket, key, exchange.started);
  if (!wait) return std::nullopt;
  return Error{
      .code = ErrorCode::over_request_rate_limit, .detail = std::string(bucket.name), .retry_after = wait};
}

std::optional<Error> limit_address(const Exchange& exchange, const Runtime& runtime, Bucket bucket) {
  if (!is_limited(runtime, bucket)) return std::nullopt;
  return limit(exchange, runtime, bucket, exchange.client.limit_key());
}

}  // namespace

// Whether `path` is `prefix` or lies below it.
bool is_under(std::string_view path, std::string_view prefix) {
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

struct RouteTable {
  std::vector<std::unique_ptr<Route>> routes;
  std::vector<Mount> mounts;
  std::shared_ptr<const RawContent> front_page;  // of the mount that the root sends to
  std::vector<std::unique_ptr<Resource>> resources;
  std::unordered_map<std::string, Resource*, TextHash, std::equal_to<>> exact;
  std::vector<Resource*> with_fields;
  std::set<std::string_view> operation_ids;

  const Mount* mount_of(std::string_view path) const {
    const auto found =
        std::ranges::find_if(mounts, [&](const Mount& mount) { return is_under(path, mount.prefix); });
    return found == mounts.end() ? nullptr : &*found;
  }

  // The resource at `path`, and what its path fields are.
  const Resource* find(std::string_view path, Pairs& values) const {
    if (const auto found = exact.find(path); found != exact.end()) return found->second;
    for (const Resource* resource : with_fields) {
      if (auto matched = match(resource->segments, path)) {
        values = std::move(*matched);
        return resource;
      }
    }
    return nullptr;
  }

  Resource& resource_at(const std::string& path) {
    for (const auto& resource : resources) {
      if (resource->path == path) return *resource;
    }
    resources.push_back(
        std::make_unique<Resource>(Resource{.path = path, .segments = split_path(path), .methods = {}}));
    Resource& added = *resources.back();
    if (std::any_of(added.segments.begin(), added.segments.end(), is_path_field)) {
      with_fields.push_back(&added);
    } else {
      exact.emplace(path, &added);
    }
    return added;
  }
};

bool Route::runs_in_place(const Runtime& runtime) const {
  switch (info_.cost) {
    case Cost::memory:
      return true;
    case Cost::principal:
    case Cost::point_read:
    case Cost::one_write:
      return runtime.lanes.store_is_embedded();
    case Cost::storage:
    case Cost::hash:
      return false;
  }
  std::unreachable();
}

void Route::hand_over(Exchange& exchange, const Runtime& runtime, Task task) const {
  const Lane lane = info_.cost == Cost::hash ? Lane::hash : Lane::storage;
  if (runtime.lanes.submit(lane, std::move(task))) return;
  answer_error(exchange, runtime,
               {.code = ErrorCode::overloaded, .detail = "the lane is full", .retry_after = kRetryWhenFull});
  exchange.finish();
}

std::optional<Error> Route::limit_account(const Exchange& exchange, const Runtime& runtime,
                                          std::string_view account) const {
  if (!is_limited(runtime, info_.bucket)) return std::nullopt;
  return limit(exchange, runtime, info_.bucket, "u" + std::string(account));
}

void answer(Exchange& exchange, const Runtime& runtime,
            base::FunctionRef<std::optional<Error>()> work) noexcept {
  std::optional<Error> error;
  try {
    error = work();
  } catch (...) {
    error = error_of_current_exception();
  }
  if (error) answer_error(exchange, runtime, std::move(*error));
}

}  // namespace detail

bool RouteInfo::has_body() const {
  if (!selector.field.empty() && selector.in == In::body) return true;
  const TypeInfo type = request();
  return std::any_of(type.fields.begin(), type.fields.end(),
                     [](const FieldInfo& field) { return field.options.in == In::body; });
}

std::string RouteInfo::example_target() const {
  const TypeInfo type = request();
  std::string target = path;
  std::string query;
  const auto add = [&](std::string_view name, std::string_view value) {
    query.append(query.empty() ? "?" : "&").append(name).append("=").append(value);
  };
  if (!selector.field.empty() && selector.in == In::query) add(selector.field, selector.value);
  for (const FieldInfo& field : type.fields) {
    const std::string placeholder = "{" + std::string(field.name) + "}";
    if (field.options.in == In::path) {
      target.replace(target.find(placeholder), placeholder.size(), field.options.example);
    } else if (field.options.in == In::query && !field.options.example.empty()) {
      add(field.name, field.options.example);
    }
  }
  return target + query;
}

std::string RouteInfo::example_body() const {
  if (!has_body()) return {};
  std::string body = example_json(request());
  if (!selector.field.empty() && selector.in == In::body) {
    std::string member;
    base::append_json_string(member, selector.field);
    member += ':';
    base::append_json_string(member, selector.value);
    if (body != "{}") member += ',';
    body.insert(1, member);
  }
  return body;
}

Router::Router() : table_(std::make_unique<detail::RouteTable>()) {}
Router::~Router() = default;

void Router::add_route(RouteInfo info, base::FunctionRef<std::unique_ptr<detail::Route>(RouteInfo)> make) {
  const TypeInfo request = info.request();
  detail::check_path_fields(info, request);
  detail::add_common_errors(info, request);
  if (!table_->operation_ids.insert(info.operation_id).second) detail::refuse(info, "operation id twice");
  if (info.method == Method::head || info.method == Method::options || info.method == Method::other) {
    detail::refuse(info, "this method is answered by the server itself");
  }
  if (table_->mount_of(info.path) != nullptr) detail::refuse(info, "files are served there");
  detail::Resource& resource = table_->resource_at(info.path);
  auto place = std::find_if(resource.methods.begin(), resource.methods.end(),
                            [&](const detail::MethodRoutes& routes) { return routes.method == info.method; });
  if (place == resource.methods.end()) {
    place = resource.methods.insert(place, detail::MethodRoutes{.method = info.method, .routes = {}});
  }
  for (const detail::Route* other : place->routes) {
    const Selector& theirs = other->info().selector;
    if (info.selector.field.empty() || theirs.field != info.selector.field || theirs.in != info.selector.in ||
        theirs.value == info.selector.value) {
      detail::refuse(info, "method and path are taken by " + std::string(other->info().operation_id));
    }
  }
  place->takes_body = place->takes_body || info.has_body();
  table_->routes.push_back(make(std::move(info)));
  place->routes.push_back(table_->routes.back().get());
}

void Router::mount(Mount mount) {
  const auto refuse = [&](const std::string& why) {
    throw std::logic_error("files " + std::string(mount.name) + ": " + why);
  };
  if (!mount.prefix.starts_with('/') || mount.prefix.ends_with('/')) refuse("the prefix must be like /app");
  if (!table_->operation_ids.insert(mount.name).second) refuse("the name is taken");
  for (const auto& resource : table_->resources) {
    if (detail::is_under(resource->path, mount.prefix)) refuse("an endpoint is at " + resource->path);
  }
  for (const Mount& other : table_->mounts) {
    if (detail::is_under(other.prefix, mount.prefix) || detail::is_under(mount.prefix, other.prefix)) {
      refuse("other files are at " + other.prefix);
    }
  }
  if (mount.is_front_page) {
    if (table_->front_page) refuse("the root sends to other files");
    table_->front_page =
        std::make_shared<const RawContent>(RawContent{.content_type = "text/plain; charset=utf-8",
                                                      .cache_control = "no-cache",
                                                      .headers = "Location: " + mount.prefix + "\r\n"});
  }
  table_->mounts.push_back(std::move(mount));
}

std::vector<const RouteInfo*> Router::routes() const {
  std::vector<const RouteInfo*> all;
  for (const auto& route : table_->routes) all.push_back(&route->info());
  return all;
}

std::vector<std::string_view> Router::operations() const {
  return {table_->operation_ids.begin(), table_->operation_ids.end()};
}

namespace detail {
namespace {

// The one of several endpoints that the request asks for.
base::Result<const Route*> select(const MethodRoutes& candidates, const Request& request,
                                  const ParsedBody* body) {
  const Selector& selector = candidates.routes.front()->info().selector;
  if (selector.field.empty()) return candidates.routes.front();
  const auto value = selector.in == In::query ? request.find_query(selector.field)
                     : body != nullptr        ? body->find_text(selector.field)
                                              : std::nullopt;
  std::string accepted;
  for (const Route* route : candidates.routes) {
    if (value && route->info().selector.value == *value) return route;
    accepted.append(accepted.empty() ? "must be one of: " : ", ").append(route->info().selector.value);
  }
  return base::fail(base::field_error(std::string(selector.field), std::move(accepted)));
}

bool is_read(Method method) { return method == Method::get || method == Method::head; }

constexpr std::string_view kAllowOfFiles = "GET, HEAD, OPTIONS";

// Answers from the files of `mount`.
std::optional<Error> serve_file(const Mount& mount, Exchange& exchange) {
  exchange.operation = mount.name;
  const std::string_view path = std::string_view(exchange.request.path).substr(mount.prefix.size());
  if (!mount.files->answer(path, exchange.request, exchange.response)) {
    return Error{.code = ErrorCode::not_found};
  }
  if (is_read(exchange.request.method)) return std::nullopt;
  return Error{.code = ErrorCode::method_not_allowed};
}

}  // namespace
}  // namespace detail

void Router::dispatch(Exchange& exchange, const Runtime& runtime) const {
  const Request& request = exchange.request;
  exchange.route = nullptr;
  exchange.operation = kNoOperation;
  if (const Mount* const mount = table_->mount_of(request.path)) {
    detail::answer(exchange, runtime, [&] { return detail::serve_file(*mount, exchange); });
    if (exchange.response.error == ErrorCode::method_not_allowed) {
      exchange.response.headers.emplace_back("Allow", detail::kAllowOfFiles);
    }
    return exchange.finish();
  }
  const detail::Route* route = nullptr;
  std::optional<ParsedBody> body;
  Pairs path_values;
  std::string allow;
  detail::answer(exchange, runtime, [&]() -> std::optional<Error> {
    const detail::Resource* const resource = table_->find(request.path, path_values);
    if (resource == nullptr && request.path == "/" && table_->front_page) {
      if (detail::is_read(request.method)) {
        exchange.response.status = 302;
        exchange.response.raw = table_->front_page;
        return std::nullopt;
      }
      allow = detail::kAllowOfFiles;
      return Error{.code = ErrorCode::method_not_allowed};
    }
    if (resource == nullptr) return Error{.code = ErrorCode::not_found};
    const detail::MethodRoutes* const candidates = resource->find(request.method);
    if (candidates == nullptr) {
      allow = resource->allow();
      return Error{.code = ErrorCode::method_not_allowed};
    }
    if (request.count_headers("authorization") > 1) {
      return Error{.code = ErrorCode::bad_request, .hint = "Send the Authorization header once."};
    }
    // The limit and the form of the credentials come before the body, unless the body says which endpoint
    // is meant.
    const Selector& selector = candidates->routes.front()->info().selector;
    const bool body_selects = !selector.field.empty() && selector.in == In::body;
    const auto enter = [&](const detail::Route& chosen) -> std::optional<Error> {
      exchange.route = &chosen.info();
      exchange.operation = chosen.info().operation_id;
      auto error = detail::limit_address(exchange, runtime, chosen.info().bucket);
      return error ? std::move(error) : chosen.precheck(exchange);
    };
    const auto choose = [&]() -> std::optional<Error> {
      const auto chosen = detail::select(*candidates, request, body ? &*body : nullptr);
      if (!chosen) return chosen.error();
      route = *chosen;
      return enter(*route);
    };
    if (!body_selects) {
      if (auto error = choose()) return error;
    }
    if (candidates->takes_body) {
      if (auto read = body.emplace().read(request); !read) return std::move(read).error();
    }
    return body_selects ? choose() : std::nullopt;
  });
  if (!allow.empty()) exchange.response.headers.emplace_back("Allow", std::move(allow));
  if (route == nullptr || exchange.response.error) return exchange.finish();
  WireInput input = body ? body->input() : WireInput{};
  input.query = &request.query;
  input.path = &path_values;
  route->run(exchange, runtime, input);
}

}  // namespace latchkey::http

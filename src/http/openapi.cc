#include "http/openapi.h"

#include <algorithm>
#include <map>
#include <set>

#include "http/problem.h"

namespace latchkey::http {
namespace {

using base::JsonWriter;

// The endpoints behind one method and path.
using Operation = std::vector<const RouteInfo*>;

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string join(const Operation& operation, std::string_view RouteInfo::* text, std::string_view separator) {
  std::string joined;
  for (const RouteInfo* route : operation) {
    if ((route->*text).empty()) continue;
    joined.append(joined.empty() ? "" : separator).append(route->*text);
  }
  return joined;
}

// One schema, or several under anyOf.
void write_schemas(JsonWriter& json, const std::vector<std::string>& schemas) {
  if (schemas.size() == 1) {
    json.raw(schemas.front());
    return;
  }
  json.begin_object().key("anyOf").begin_array();
  for (const std::string& schema : schemas) json.raw(schema);
  json.end_array().end_object();
}

void append_once(std::vector<std::string>& list, std::string text) {
  if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(std::move(text));
}

// The schema of a body, with the field that selects the endpoint as a constant in it.
std::string body_schema(const RouteInfo& route) {
  std::string schema = json_schema(route.request(), SchemaUse::request);
  if (route.selector.field.empty() || route.selector.in != In::body) return schema;
  std::string selector;
  JsonWriter json(selector);
  json.begin_object().key("allOf").begin_array().raw(schema);
  json.begin_object().member("type", "object").key("properties").begin_object();
  json.key(route.selector.field)
      .begin_object()
      .member("const", route.selector.value)
      .end_object()
      .end_object();
  json.key("required").begin_array().value(route.selector.field).end_array().end_object();
  json.end_array().end_object();
  return selector;
}

bool requires_body(const RouteInfo& route) {
  if (!route.selector.field.empty() && route.selector.in == In::body) return true;
  const TypeInfo type = route.request();
  return std::any_of(type.fields.begin(), type.fields.end(),
                     [](const FieldInfo& field) { return field.options.in == In::body && !field.optional; });
}

void write_parameters(JsonWriter& json, const Operation& operation) {
  json.key("parameters").begin_array();
  const Selector& selector = operation.front()->selector;
  if (!selector.field.empty() && selector.in == In::query) {
    json.begin_object().member("name", selector.field).member("in", "query").member("required", true);
    json.key("schema").begin_object().member("type", "string").key("enum").begin_array();
    for (const RouteInfo* route : operation) json.value(route->selector.value);
    json.end_array().end_object().end_object();
  }
  std::set<std::string_view> written;
  for (const RouteInfo* route : operation) {
    for (const FieldInfo& field : route->request().fields) {
      if (field.options.in == In::body || !written.insert(field.name).second) continue;
      const bool in_path = field.options.in == In::path;
      json.begin_object().member("name", field.name).member("in", in_path ? "path" : "query");
      json.member("required", in_path || (!field.optional && operation.size() == 1));
      if (!field.options.doc.empty()) json.member("description", field.options.doc);
      json.key("schema").raw(json_schema(field, SchemaUse::request)).end_object();
    }
  }
  json.end_array();
}

void write_request_body(JsonWriter& json, const Operation& operation) {
  std::vector<std::string> schemas;
  for (const RouteInfo* route : operation) {
    if (route->has_body()) append_once(schemas, body_schema(*route));
  }
  if (schemas.empty()) return;
  const bool required = std::all_of(operation.begin(), operation.end(),
                                    [](const RouteInfo* route) { return requires_body(*route); });
  json.key("requestBody").begin_object().member("required", required);
  json.key("content").begin_object().key("application/json").begin_object().key("schema");
  write_schemas(json, schemas);
  json.key("examples").begin_object();
  for (const RouteInfo* route : operation) {
    if (!route->has_body()) continue;
    json.key(route->operation_id).begin_object().key("value").raw(route->example_body()).end_object();
  }
  json.end_object().end_object().end_object().end_object();
}

void write_success(JsonWriter& json, const Operation& operation) {
  std::map<std::uint16_t, Operation> by_status;
  for (const RouteInfo* route : operation) by_status[route->success].push_back(route);
  for (const auto& [status, routes] : by_status) {
    json.key(std::to_string(status)).begin_object();
    json.member("description", join(routes, &RouteInfo::summary, " / "));
    std::vector<std::string> schemas;
    for (const RouteInfo* route : routes) {
      if (route->response != nullptr)
        append_once(schemas, json_schema(route->response(), SchemaUse::response));
    }
    if (!schemas.empty()) {
      json.key("content").begin_object().key("application/json").begin_object().key("schema");
      write_schemas(json, schemas);
      json.end_object().end_object();
    } else if (routes.front()->raw_response) {
      json.key("content")
          .begin_object()
          .key(routes.front()->content_type)
          .begin_object()
          .end_object()
          .end_object();
    }
    json.end_object();
  }
}

void write_errors(JsonWriter& json, const Operation& operation) {
  std::map<std::uint16_t, std::set<base::ErrorCode>> by_status;
  for (const RouteInfo* route : operation) {
    for (const base::ErrorCode code : route->errors) by_status[base::error_info(code).status].insert(code);
  }
  for (const auto& [status, codes] : by_status) {
    std::string description;
    for (const base::ErrorCode code : codes) {
      description.append(description.empty() ? "" : ", ").append(base::error_info(code).name);
    }
    json.key(std::to_string(status)).begin_object().member("description", description);
    if (status == 429 || status == 503) {
      json.key("headers").begin_object().key("Retry-After").begin_object();
      json.member("description", "Seconds to wait").member("required", true);
      json.key("schema").begin_object().member("type", "integer").member("minimum", std::int64_t{1});
      json.end_object().end_object().end_object();
    }
    json.key("content").begin_object().key("application/json").begin_object();
    json.key("schema").begin_object().member("$ref", "#/components/schemas/Problem").end_object();
    json.key("examples").begin_object();
    for (const base::ErrorCode code : codes) {
      const std::string_view name = base::error_info(code).name;
      json.key(name).begin_object().member("$ref", "#/components/examples/" + std::string(name)).end_object();
    }
    json.end_object().end_object().end_object().end_object();
  }
}

void write_operation(JsonWriter& json, const Operation& operation) {
  const RouteInfo& first = *operation.front();
  json.begin_object();
  json.member("operationId", join(operation, &RouteInfo::operation_id, "_or_"));
  json.member("summary", join(operation, &RouteInfo::summary, " / "));
  if (const std::string text = join(operation, &RouteInfo::description, "\n\n"); !text.empty()) {
    json.member("description", text);
  }
  if (!first.tag.empty()) json.key("tags").begin_array().value(first.tag).end_array();
  json.key("security").begin_array();
  const bool open = std::any_of(operation.begin(), operation.end(),
                                [](const RouteInfo* route) { return route->access == Access::anyone; });
  if (open) {
    json.begin_object().end_object();
  } else {
    json.begin_object().key("bearer").begin_array().end_array().end_object();
  }
  json.end_array();
  write_parameters(json, operation);
  write_request_body(json, operation);
  json.key("responses").begin_object();
  write_success(json, operation);
  write_errors(json, operation);
  json.end_object().end_object();
}

void write_components(JsonWriter& json) {
  json.key("components").begin_object();
  json.key("schemas").begin_object().key("Problem").raw(problem_schema()).end_object();
  json.key("examples").begin_object();
  for (const base::ErrorInfo& info : base::all_errors()) {
    Response response;
    write_problem({.code = info.code}, "5e2f0c61b7d94a38-1", response);
    json.key(info.name).begin_object().member("summary", info.message);
    json.key("value").raw(response.body).end_object();
  }
  json.end_object();
  json.key("securitySchemes").begin_object().key("bearer").begin_object();
  json.member("type", "http").member("scheme", "bearer").member("bearerFormat", "JWT");
  json.end_object().end_object().end_object();
}

}  // namespace

std::string openapi_document(std::span<const RouteInfo* const> routes, const OpenApiInfo& info) {
  std::vector<std::string> paths;
  std::map<std::string, std::vector<std::pair<Method, Operation>>> operations;
  for (const RouteInfo* route : routes) {
    append_once(paths, route->path);
    auto& at_path = operations[route->path];
    auto place = std::find_if(at_path.begin(), at_path.end(),
                              [&](const auto& operation) { return operation.first == route->method; });
    if (place == at_path.end()) place = at_path.insert(place, {route->method, {}});
    place->second.push_back(route);
  }

  std::string out;
  JsonWriter json(out);
  json.begin_object().member("openapi", "3.1.0");
  json.key("info").begin_object().member("title", info.title).member("version", info.version);
  if (!info.description.empty()) json.member("description", info.description);
  json.end_object();
  json.key("servers").begin_array().begin_object().member("url", info.server_url).end_object().end_array();
  json.key("paths").begin_object();
  for (const std::string& path : paths) {
    json.key(path).begin_object();
    for (const auto& [method, operation] : operations[path]) {
      json.key(lower_case(to_string(method)));
      write_operation(json, operation);
    }
    json.end_object();
  }
  json.end_object();
  write_components(json);
  json.end_object();
  return out;
}

}  // namespace latchkey::http

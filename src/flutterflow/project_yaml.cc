#include "flutterflow/project_yaml.h"

#include <algorithm>
#include <boost/json/value.hpp>

#include "flutterflow/yaml.h"

namespace latchkey::flutterflow {
namespace {

namespace json = boost::json;

// The member at the end of a path of names; null when something on the way is not there.
const json::value* member(const json::value& value, std::initializer_list<std::string_view> path) {
  const json::value* at = &value;
  for (const std::string_view name : path) {
    const json::object* object = at->if_object();
    at = object == nullptr ? nullptr : object->if_contains(name);
    if (at == nullptr) return nullptr;
  }
  return at;
}

std::string text_at(const json::value& value, std::initializer_list<std::string_view> path) {
  const json::value* found = member(value, path);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

bool is_true_at(const json::value& value, std::initializer_list<std::string_view> path) {
  const json::value* found = member(value, path);
  return found != nullptr && found->is_bool() && found->get_bool();
}

// Calls `take` with each element of the list at the end of the path.
template <class Take>
void each_at(const json::value& value, std::initializer_list<std::string_view> path, Take take) {
  const json::value* found = member(value, path);
  if (found == nullptr || !found->is_array()) return;
  for (const json::value& element : found->get_array()) take(element);
}

// `page/id-KEY.yaml`, not the files of its parts: `page/id-KEY/…`.
bool is_file_of(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && path.substr(folder.size()).starts_with("id-") &&
         path.find('/', folder.size()) == std::string_view::npos;
}

BodyKind body_kind_of(std::string_view type, bool has_body) {
  if (type == "JSON") return has_body ? BodyKind::json : BodyKind::none;
  if (type == "TEXT") return BodyKind::text;
  if (type == "X_WWW_FORM_URL_ENCODED") return BodyKind::form;
  if (type == "MULTIPART") return BodyKind::multipart;
  return type.empty() && !has_body ? BodyKind::none : BodyKind::other;
}

void read_call(YamlProject& project, const SourceFile& file, const json::value& yaml) {
  YamlCall call;
  call.file = file.path;
  call.name = text_at(yaml, {"identifier", "name"});
  call.method = text_at(yaml, {"callType"});
  call.url = text_at(yaml, {"url"});
  call.body = text_at(yaml, {"body"});
  call.body_kind = body_kind_of(text_at(yaml, {"bodyType"}), !call.body.empty());
  each_at(yaml, {"headers"}, [&](const json::value& header) {
    if (!header.is_string()) return;
    const std::string_view line = header.get_string();
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return;
    std::string_view value = line.substr(colon + 1);
    while (value.starts_with(' ')) value.remove_prefix(1);
    call.headers.emplace_back(line.substr(0, colon), value);
  });
  each_at(yaml, {"variables"}, [&](const json::value& variable) {
    std::string name = text_at(variable, {"identifier", "name"});
    if (name.empty()) return;
    if (text_at(variable, {"type"}) == "String") call.text_variables.push_back(name);
    call.variables.push_back(std::move(name));
  });
  each_at(yaml, {"jsonPathDefinitions"}, [&](const json::value& path) {
    call.json_paths.emplace_back(text_at(path, {"identifier", "name"}),
                                 text_at(path, {"jsonPath", "jsonPath"}));
  });
  call.escapes = is_true_at(yaml, {"endpointSettings", "escapeVariablesInRequestBody"});
  call.is_cached = is_true_at(yaml, {"endpointSettings", "cached"});
  call.is_private = is_true_at(yaml, {"endpointSettings", "isPrivateApi"});
  project.calls.push_back(std::move(call));
}

bool is_key_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool mentions_key(std::string_view text, std::string_view key) {
  for (std::size_t at = text.find(key); at != std::string_view::npos; at = text.find(key, at + 1)) {
    const std::size_t end = at + key.size();
    if ((at == 0 || !is_key_char(text[at - 1])) && (end == text.size() || !is_key_char(text[end])))
      return true;
  }
  return false;
}

}  // namespace

const YamlPage* YamlProject::find_page(std::string_view key) const {
  const auto found = std::ranges::find(pages, key, &YamlPage::key);
  return found == pages.end() ? nullptr : &*found;
}

YamlProject read_project_yaml(const SourceTree& tree) {
  YamlProject project;
  std::vector<std::string> keys;  // of the calls
  for (const SourceFile& file : tree.files) {
    const bool is_call = is_file_of(file.path, "api-endpoint/");
    const bool is_page = is_file_of(file.path, "page/");
    if (!is_call && !is_page && file.path != "app-details.yaml" && file.path != "authentication.yaml" &&
        file.path != "app-state.yaml") {
      continue;
    }
    const auto yaml = read_yaml(file.text);
    if (!yaml) {
      project.problems.push_back(file.path + " could not be read: " + yaml.error().detail);
      continue;
    }
    if (is_call) {
      read_call(project, file, *yaml);
      keys.push_back(text_at(*yaml, {"identifier", "key"}));
    } else if (is_page) {
      std::string key = file.path.substr(std::string_view("page/id-").size());
      key.resize(key.size() - std::string_view(".yaml").size());
      project.pages.push_back({.key = std::move(key), .name = text_at(*yaml, {"name"}), .file = file.path});
    } else if (file.path == "app-details.yaml") {
      project.name = text_at(*yaml, {"name"});
      project.entry_key = text_at(*yaml, {"authPageInfo", "signInPageNodeKeyRef", "key"});
      project.logged_in_key = text_at(*yaml, {"authPageInfo", "homePageNodeKeyRef", "key"});
    } else if (file.path == "authentication.yaml") {
      project.has_authentication = true;
      project.is_active = is_true_at(*yaml, {"active"});
    } else {
      each_at(*yaml, {"fields"}, [&](const json::value& field) {
        project.app_state.push_back({.name = text_at(field, {"parameter", "identifier", "name"}),
                                     .is_persisted = is_true_at(field, {"persisted"})});
      });
    }
  }
  for (std::size_t i = 0; i < project.calls.size(); ++i) {
    project.calls[i].is_used =
        !keys[i].empty() && std::ranges::any_of(tree.files, [&](const SourceFile& file) {
          return file.path != project.calls[i].file && mentions_key(file.text, keys[i]);
        });
  }
  return project;
}

}  // namespace latchkey::flutterflow

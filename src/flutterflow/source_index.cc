#include "flutterflow/source_index.h"

#include <algorithm>
#include <ranges>

namespace latchkey::flutterflow {
namespace {

template <class Entry>
void sort_entries(std::vector<Entry>& entries) {
  std::ranges::stable_sort(entries, [](const Entry& a, const Entry& b) {
    if (a.name != b.name) return a.name < b.name;
    return a.unit->is_library() < b.unit->is_library();
  });
}

template <class Entry>
auto named(const std::vector<Entry>& entries, std::string_view name) {
  return std::ranges::equal_range(entries, name, {}, &Entry::name);
}

template <class Entry>
const Entry* find_entry(const std::vector<Entry>& entries, std::string_view name, const SourceUnit* from) {
  const auto found = named(entries, name);
  if (found.empty()) return nullptr;
  for (const Entry& entry : found) {
    if (entry.unit == from) return &entry;
  }
  return &*found.begin();
}

std::string_view folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

// `'/custom_code/actions/index.dart'` → `custom_code/actions`; relative uris lose their dots, package uris
// their scheme.
std::string_view imported_folder(std::string_view uri) {
  if (const std::size_t colon = uri.find(':'); colon != std::string_view::npos) {
    uri.remove_prefix(colon + 1);
    uri.remove_prefix(std::min(uri.size(), uri.find('/')));
  }
  while (uri.starts_with("../") || uri.starts_with("./") || uri.starts_with('/'))
    uri.remove_prefix(uri.find('/') + 1);
  return folder_of(uri);
}

}  // namespace

void SourceIndex::add(const SourceUnit& unit) {
  for (const dart::Class& node : unit.unit.classes) {
    classes_.push_back({node.name, &unit, &node});
    std::string_view base = node.extends;
    if (const std::size_t open = base.find("State<"); open != std::string_view::npos && base.ends_with('>')) {
      base.remove_prefix(open + std::string_view("State<").size());
      states_.push_back({base.substr(0, base.size() - 1), &unit, &node});
    }
  }
  for (const dart::Function* node : unit.unit.functions) functions_.push_back({node->name, &unit, node});
  for (const dart::Variable& node : unit.unit.variables) variables_.push_back({node.name, &unit, &node});
}

void SourceIndex::finish() {
  sort_entries(classes_);
  sort_entries(functions_);
  sort_entries(variables_);
  sort_entries(states_);
}

const ClassEntry* SourceIndex::find_class(std::string_view name, const SourceUnit* from) const {
  return find_entry(classes_, name, from);
}

const VariableEntry* SourceIndex::find_variable(std::string_view name, const SourceUnit* from) const {
  return find_entry(variables_, name, from);
}

const ClassEntry* SourceIndex::find_state_of(std::string_view widget, const SourceUnit* from) const {
  return find_entry(states_, widget, from);
}

const FunctionEntry* SourceIndex::find_function(std::string_view name, const SourceUnit* from,
                                                std::string_view prefix) const {
  if (from == nullptr || prefix.empty()) return find_entry(functions_, name, from);
  for (const dart::Import& import : from->unit.imports) {
    if (import.prefix != prefix) continue;
    const std::string_view folder = imported_folder(import.uri);
    for (const FunctionEntry& entry : named(functions_, name)) {
      if (!folder.empty() && folder_of(entry.unit->path).ends_with(folder)) return &entry;
    }
  }
  return find_entry(functions_, name, nullptr);
}

bool is_import_prefix(const SourceUnit& unit, std::string_view name) {
  return !name.empty() && std::ranges::any_of(unit.unit.imports, [&](const dart::Import& import) {
    return import.prefix == name;
  });
}

}  // namespace latchkey::flutterflow

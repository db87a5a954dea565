#include "flutterflow/project.h"

#include <algorithm>
#include <array>

#include "flutterflow/project/lookup.h"
#include "flutterflow/project/readers.h"

namespace latchkey::flutterflow {
namespace {

using dart::Expression;
using dart::ExpressionKind;

template <class Items, class Member>
auto find_named(const Items& items, std::string_view name, Member member) -> decltype(items.data()) {
  const auto found = std::ranges::find(items, name, member);
  return found == items.end() ? nullptr : &*found;
}

// `name: my_app` of pubspec.yaml, which FlutterFlow writes itself: one line at the left margin.
std::string read_name(const SourceTree& tree) {
  const SourceFile* file = tree.find("pubspec.yaml");
  if (file == nullptr) return {};
  constexpr std::string_view kKey = "name:";
  std::string_view text = file->text;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.starts_with(kKey)) continue;
    line.remove_prefix(kKey.size());
    while (line.starts_with(' ')) line.remove_prefix(1);
    while (line.ends_with(' ') || line.ends_with('\r')) line.remove_suffix(1);
    return std::string(line);
  }
  return {};
}

}  // namespace

const ApiCall* Project::find_call(std::string_view class_name) const {
  return find_named(calls, class_name, &ApiCall::class_name);
}

const ApiGroup* Project::find_group(std::string_view class_name) const {
  return find_named(groups, class_name, &ApiGroup::class_name);
}

const StructType* Project::find_struct(std::string_view type_name) const {
  return find_named(structs, type_name, &StructType::name);
}

const StateField* Project::find_state(std::string_view field) const {
  return find_named(app_state, field, &StateField::name);
}

const Page* Project::find_page(std::string_view widget) const {
  // Pages stand in the order of the index, which is sorted by name.
  const auto found = std::ranges::lower_bound(pages, widget, {}, &Page::widget);
  return found == pages.end() || found->widget != widget ? nullptr : &*found;
}

const Page* Project::find_page_by_route(std::string_view route) const {
  const Route* found = find_named(routes, route, &Route::name);
  return found == nullptr ? nullptr : find_page(found->widget);
}

const SourceUnit* Project::find_unit(std::string_view path) const {
  const auto found = std::ranges::find_if(units, [&](const auto& unit) { return unit->path == path; });
  return found == units.end() ? nullptr : found->get();
}

const ApiCall* Project::find_call(const SourceUnit& unit, dart::ExpressionPtr expression) const {
  for (const Expression* node = expression; node != nullptr; node = node->target) {
    switch (node->kind) {
      case ExpressionKind::identifier:
        return find_call(node->text);
      case ExpressionKind::member: {
        const Expression* target = node->target;
        if (target != nullptr &&
            (target->kind == ExpressionKind::identifier || target->kind == ExpressionKind::member)) {
          if (const ApiGroup* group = find_group(target->text)) {
            for (const auto& [field, class_name] : group->members) {
              if (field == node->text) return find_call(class_name);
            }
          }
          if (target->kind == ExpressionKind::identifier && is_import_prefix(unit, target->text))
            return find_call(node->text);
        }
        break;
      }
      case ExpressionKind::call:
      case ExpressionKind::non_null:
      case ExpressionKind::await:
        break;
      default:
        return nullptr;
    }
  }
  return nullptr;
}

Project read_project(const SourceTree& tree) {
  Project project;
  project.name = read_name(tree);
  project.problems = tree.left_out;
  for (const SourceFile& file : tree.files) {
    if (!file.path.ends_with(".dart")) continue;
    auto unit = std::make_unique<SourceUnit>(SourceUnit{file.path, dart::parse_unit(file.text)});
    if (unit->unit.parse_errors > 0) {
      project.problems.push_back(file.path + ": some of its Dart was not understood");
    }
    project.units.push_back(std::move(unit));
  }
  for (const auto& unit : project.units) project.index.add(*unit);
  project.index.finish();
  read_environment(project, tree);
  read_structs(project);
  read_app_state(project);
  read_api_calls(project);
  read_routes(project);
  read_pages(project);
  read_reach(project);
  read_settings(project);
  return project;
}

}  // namespace latchkey::flutterflow

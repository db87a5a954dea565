// Pages and components: the widgets of the app, each with its state and its model.
#include <algorithm>

#include "flutterflow/project/lookup.h"
#include "flutterflow/project/readers.h"

namespace latchkey::flutterflow {

void read_pages(Project& project) {
  for (const ClassEntry& entry : project.index.classes()) {
    if (!is_widget_class(entry) || (!project.pages.empty() && project.pages.back().widget == entry.name))
      continue;
    Page page;
    page.widget = entry.name;
    page.site = {entry.unit, entry.node->span};
    page.is_component = true;
    page.units.push_back(entry.unit);
    if (entry.unit->path.ends_with("_widget.dart")) {
      const std::string base =
          entry.unit->path.substr(0, entry.unit->path.size() - std::string_view("widget.dart").size());
      if (const SourceUnit* model = project.find_unit(base + "model.dart")) page.units.push_back(model);
    }
    for (const Route& route : project.routes) {
      if (route.widget != entry.name) continue;
      page.route_name = route.name;
      page.route_path = route.path;
      page.is_component = false;
      break;
    }
    project.pages.push_back(std::move(page));
  }
}

const Page* Project::page_of(const SourceUnit& unit, const dart::Class& owner) const {
  if (const Page* page = find_page(owner.name)) return page;
  if (const std::size_t open = owner.extends.find("State<");
      open != std::string_view::npos && owner.extends.ends_with('>')) {
    std::string_view widget = owner.extends.substr(open + std::string_view("State<").size());
    widget.remove_suffix(1);
    return find_page(widget);
  }
  if (owner.name.ends_with("Model")) {
    const std::string base(owner.name.substr(0, owner.name.size() - std::string_view("Model").size()));
    if (const Page* page = find_page(base + "Widget")) return page;
    for (const Page& page : pages) {
      if (std::ranges::find(page.units, &unit) != page.units.end()) return &page;
    }
  }
  return nullptr;
}

}  // namespace latchkey::flutterflow

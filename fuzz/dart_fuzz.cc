// Any bytes as Dart source: lowered, walked, and read as a file of an exported project by everything that
// reads one.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "flutterflow/dart/syntax.h"
#include "flutterflow/dart/walk.h"
#include "flutterflow/handler.h"
#include "flutterflow/project.h"

namespace {

using namespace latchkey::flutterflow;

void walk_all(const dart::Unit& unit) {
  const auto visit = [&](const dart::Expression& node) {
    // Every node stands inside of the text.
    if (node.span.begin > node.span.end || node.span.end > unit.text().size()) std::abort();
    return true;
  };
  for (const dart::Class& owner : unit.classes) dart::walk(owner, visit);
  for (const dart::Function* function : unit.functions) dart::walk(*function, visit);
  for (const dart::Variable& variable : unit.variables) dart::walk(variable, visit);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  walk_all(dart::parse_unit(text));
  SourceTree tree;
  for (const char* path :
       {"lib/auth/custom_auth/custom_auth_manager.dart", "lib/backend/api_requests/api_calls.dart",
        "lib/flutter_flow/nav/nav.dart", "lib/pages/login/login_widget.dart"}) {
    tree.files.push_back({.path = path, .text = text});
  }
  const Project project = read_project(tree);
  const Handlers handlers = read_handlers(project);
  static_cast<void>(read_mappings(project, handlers));
  return 0;
}

// What runs: from main() along the names that code mentions.
//
// By names and not by types, so it says too much rather than too little: a method counts when its class is
// reached and anything that runs mentions its name. What FlutterFlow leaves behind, though, nobody names:
// copies of pages and components, custom actions without a place that starts them, calls that are only
// defined.
#include <algorithm>
#include <array>
#include <ranges>
#include <unordered_map>

#include "flutterflow/dart/walk.h"
#include "flutterflow/project/lookup.h"
#include "flutterflow/project/readers.h"

namespace latchkey::flutterflow {
namespace {

using dart::Expression;
using dart::ExpressionKind;
using dart::ExpressionPtr;

// `dependencies/x/` of a file in there, empty for the app's own.
std::string_view library_of(const SourceUnit& unit) {
  if (!unit.is_library()) return {};
  const std::size_t end = unit.path.find('/', std::string_view("dependencies/").size());
  return std::string_view(unit.path).substr(0, end);
}

template <class Entry>
auto named(const std::vector<Entry>& entries, std::string_view name) {
  return std::ranges::equal_range(entries, name, {}, &Entry::name);
}

// Whether a parameter, a local of any level or a member of the class has the name, so that it is no name of
// the top level.
class Declared {
 public:
  static bool by(const Scope& scope, std::string_view name) {
    if (scope.owner != nullptr &&
        (scope.owner->find_field(name) != nullptr || scope.owner->find_function(name) != nullptr)) {
      return true;
    }
    return scope.function != nullptr && in_function(*scope.function, name);
  }

 private:
  static bool in_function(const dart::Function& function, std::string_view name) {
    if (find_parameter(function, name) != nullptr || in_statements(function.body, name)) return true;
    bool found = false;
    dart::walk(function, [&](const Expression& node) {
      if (node.kind == ExpressionKind::lambda && node.function != nullptr) {
        found = found || find_parameter(*node.function, name) != nullptr ||
                in_statements(node.function->body, name);
      }
      return !found;
    });
    return found;
  }

  static bool in_statements(dart::List<dart::StatementPtr> body, std::string_view name) {
    return std::ranges::any_of(body, [&](const dart::Statement* statement) {
      return std::ranges::find(statement->variables, name, &dart::Variable::name) !=
                 statement->variables.end() ||
             in_statements(statement->body, name) || in_statements(statement->other, name) ||
             in_statements(statement->catches, name);
    });
  }
};

class ReachReader {
 public:
  explicit ReachReader(Project& project) : project_(project) {
    for (const auto& unit : project_.units) {
      for (const dart::Variable& variable : unit->unit.variables)
        variables_.push_back({variable.name, unit.get(), &variable});
    }
    std::ranges::stable_sort(variables_, {}, &VariableEntry::name);
  }

  void read() {
    start();
    while (!waiting_.empty()) {
      const Work work = waiting_.back();
      waiting_.pop_back();
      read_work(work);
    }
    for (Page& page : project_.pages) {
      const ClassEntry* entry = project_.index.find_class(page.widget);
      page.is_reachable = entry != nullptr && reached_.contains(entry->node);
      std::ranges::sort(page.components);
      const auto same = std::ranges::unique(page.components);
      page.components.erase(same.begin(), same.end());
    }
    const auto by_place = [](const auto& a, const auto& b) {
      if (a.site.unit != b.site.unit) return a.site.unit->path < b.site.unit->path;
      return a.site.span.begin < b.site.span.begin;
    };
    std::ranges::sort(project_.call_sites, by_place);
    std::ranges::sort(project_.auth_uses, by_place);
  }

 private:
  struct Work {
    Scope scope;
    const dart::Variable* variable = nullptr;
  };

  // main() of the app; of a project without one, all that stands in lib/.
  void start() {
    bool has_main = false;
    for (const FunctionEntry& entry : named(project_.index.functions(), "main")) {
      if (entry.unit->path != "lib/main.dart") continue;
      reach({.unit = entry.unit, .function = entry.node});
      has_main = true;
    }
    if (has_main) return;
    for (const auto& unit : project_.units) {
      if (unit->is_library()) continue;
      for (const dart::Function* function : unit->unit.functions)
        reach({.unit = unit.get(), .function = function});
      for (const dart::Class& owner : unit->unit.classes) reach_class(*unit, owner);
    }
  }

  void reach(const Scope& scope, const dart::Variable* variable = nullptr) {
    const void* node = variable != nullptr ? static_cast<const void*>(variable) : scope.function;
    if (!reached_.insert(node).second) return;
    if (variable == nullptr) project_.reached_functions.insert(scope.function);
    waiting_.push_back({scope, variable});
  }

  void reach_class(const SourceUnit& unit, const dart::Class& owner) {
    if (!reached_.insert(&owner).second) return;
    const Scope scope{.unit = &unit, .owner = &owner, .page = project_.page_of(unit, owner)};
    // What a class only names so that others can start it: the calls of a group.
    for (const dart::Variable& field : owner.fields) reach(scope, &field);
    const bool inherits = has_base(unit, owner);
    for (const dart::Function* function : owner.functions) {
      Scope inside = scope;
      inside.function = function;
      if (function->is_constructor || (inherits && !function->name.starts_with('_')) ||
          is_implicit(function->name)) {
        reach(inside);
      } else if (members_.contains(function->name)) {
        reach(inside);
      } else {
        methods_[function->name].push_back(inside);
      }
    }
    if (!owner.extends.empty()) mention(scope, owner.extends.substr(0, owner.extends.find('<')));
  }

  static bool is_implicit(std::string_view name) {
    static constexpr std::array<std::string_view, 5> kImplicit = {"toString", "hashCode", "==", "call",
                                                                  "noSuchMethod"};
    return std::ranges::find(kImplicit, name) != kImplicit.end();
  }

  // Whether something else may call its public methods: it extends, implements or mixes in something.
  static bool has_base(const SourceUnit& unit, const dart::Class& owner) {
    if (!owner.extends.empty()) return true;
    const std::string_view text = unit.unit.text(owner.span);
    const std::string_view head = text.substr(0, text.find('{'));
    return head.find(" implements ") != std::string_view::npos ||
           head.find(" with ") != std::string_view::npos || head.starts_with("extension ");
  }

  void mention_member(std::string_view name) {
    if (!members_.insert(name).second) return;
    const auto found = methods_.find(name);
    if (found == methods_.end()) return;
    const std::vector<Scope> scopes = std::move(found->second);
    methods_.erase(found);
    for (const Scope& scope : scopes) reach(scope);
  }

  // Entries of one name that `unit` can mean: its own, else those of its library or the app, else any.
  template <class Entry, class Use>
  void choose(const std::vector<Entry>& entries, std::string_view name, const SourceUnit& unit, Use use) {
    const auto found = named(entries, name);
    if (found.empty()) return;
    const auto use_if = [&](auto condition) {
      bool any = false;
      for (const Entry& entry : found) {
        if (!condition(entry)) continue;
        use(entry);
        any = true;
      }
      return any;
    };
    if (use_if([&](const Entry& entry) { return entry.unit == &unit; })) return;
    if (name.starts_with('_')) return;
    if (use_if([&](const Entry& entry) { return library_of(*entry.unit) == library_of(unit); })) return;
    use_if([](const Entry&) { return true; });
  }

  void mention(const Scope& scope, std::string_view name) {
    if (name.empty()) return;
    mention_member(name);
    const SourceUnit& unit = *scope.unit;
    choose(project_.index.classes(), name, unit,
           [&](const ClassEntry& entry) { reach_class(*entry.unit, *entry.node); });
    const auto functions = named(project_.index.functions(), name);
    const auto variables = named(variables_, name);
    if ((functions.empty() && variables.empty()) || Declared::by(scope, name)) return;
    choose(project_.index.functions(), name, unit,
           [&](const FunctionEntry& entry) { reach({.unit = entry.unit, .function = entry.node}); });
    choose(variables_, name, unit,
           [&](const VariableEntry& entry) { reach({.unit = entry.unit}, entry.node); });
  }

  void mention_behind_prefix(const Scope& scope, std::string_view prefix, std::string_view name) {
    const FunctionEntry* function = project_.index.find_function(name, scope.unit, prefix);
    if (function != nullptr) reach({.unit = function->unit, .function = function->node});
    choose(project_.index.classes(), name, *scope.unit,
           [&](const ClassEntry& entry) { reach_class(*entry.unit, *entry.node); });
    choose(variables_, name, *scope.unit,
           [&](const VariableEntry& entry) { reach({.unit = entry.unit}, entry.node); });
  }

  void read_work(const Work& work) {
    const auto visit = [&](const Expression& node) {
      visit_expression(work.scope, node);
      return true;
    };
    if (work.variable != nullptr) {
      dart::walk(*work.variable, visit);
    } else {
      dart::walk(*work.scope.function, visit);
    }
  }

  void visit_expression(const Scope& scope, const Expression& node) {
    switch (node.kind) {
      case ExpressionKind::identifier:
        mention(scope, node.text);
        return;
      case ExpressionKind::member:
        if (node.target != nullptr && node.target->kind == ExpressionKind::identifier &&
            is_import_prefix(*scope.unit, node.target->text)) {
          mention_behind_prefix(scope, node.target->text, node.text);
        } else {
          mention_member(node.text);
        }
        return;
      case ExpressionKind::call:
        visit_call(scope, node);
        return;
      default:
        return;
    }
  }

  void visit_call(const Scope& scope, const Expression& node) {
    if (!node.type.empty() && node.type.find_first_of("<, ") == std::string_view::npos)
      mention(scope, node.type);
    const Expression* target = node.target;
    if (target != nullptr && target->kind == ExpressionKind::member) {
      if (target->text == "call") {
        if (const ApiCall* call = project_.find_call(*scope.unit, target->target)) {
          project_.call_sites.push_back({call, &node, scope, {scope.unit, node.span}});
        }
      } else if (is_auth_manager(target->target) && !is_manager_class(scope)) {
        project_.auth_uses.push_back({target->text, &node, scope, {scope.unit, node.span}});
      }
    }
    const std::string_view made = constructed_class(node);
    if (scope.page != nullptr && !made.empty() && made != scope.page->widget &&
        project_.find_page(made) != nullptr) {
      project_.pages[static_cast<std::size_t>(scope.page - project_.pages.data())].components.emplace_back(
          made);
    }
  }

  static bool is_manager_class(const Scope& scope) {
    return scope.owner != nullptr && scope.owner->name == "CustomAuthManager";
  }

  static bool is_auth_manager(const Expression* target) {
    while (target != nullptr && target->kind == ExpressionKind::non_null) target = target->target;
    if (target == nullptr) return false;
    if (target->kind == ExpressionKind::identifier || target->kind == ExpressionKind::member) {
      return target->text == "authManager" || target->text == "_authManager";
    }
    return constructed_class(*target) == "CustomAuthManager";
  }

  Project& project_;
  std::vector<VariableEntry> variables_;
  std::vector<Work> waiting_;
  std::unordered_set<const void*> reached_;
  std::unordered_set<std::string_view> members_;
  std::unordered_map<std::string_view, std::vector<Scope>> methods_;  // of reached classes, not yet mentioned
};

}  // namespace

void read_reach(Project& project) { ReachReader(project).read(); }

}  // namespace latchkey::flutterflow

// What should stand neither in the app, nor on the device, nor in a log.
#include <algorithm>
#include <array>

#include "doctor/project/redact.h"
#include "doctor/project/rules.h"
#include "doctor/project/secrets.h"
#include "doctor/project/sign_ins.h"
#include "flutterflow/dart/walk.h"

namespace latchkey::doctor {
namespace {

using flutterflow::ApiCall;
using flutterflow::CallHeader;
using flutterflow::CallParameter;
using flutterflow::Site;
using flutterflow::Step;
using flutterflow::StepKind;
namespace dart = flutterflow::dart;
using dart::Expression;
using dart::ExpressionKind;
using dart::ExpressionPtr;

class SecretFinder {
 public:
  SecretFinder(const Context& context, Outcome& outcome) : context_(context), outcome_(outcome) {}

  void run() {
    for (const auto& unit : context_.project().units) {
      if (is_definition_file(*unit)) continue;
      look_at(*unit);
    }
    for (const CallFacts& facts : context_.calls()) {
      if (facts.is_called) look_at(facts);
    }
    passwords();
  }

 private:
  // Calls are looked at one by one: those that nothing calls are no live code.
  bool is_definition_file(const flutterflow::SourceUnit& unit) const {
    return std::ranges::any_of(context_.project().calls, [&](const ApiCall& call) {
      return call.is_defined && call.site.unit == &unit;
    });
  }

  void look_at(const flutterflow::SourceUnit& unit) {
    const auto visit = [&](const Expression& node) {
      text(unit, node);
      return true;
    };
    for (const dart::Variable& variable : unit.unit.variables) dart::walk(variable, visit);
    for (const dart::Function* function : unit.unit.functions) {
      if (context_.project().is_reachable(function)) dart::walk(*function, visit);
    }
    for (const dart::Class& owner : unit.unit.classes) {
      const bool is_live = owner.functions.empty() ||
                           std::ranges::any_of(owner.functions, [&](const dart::Function* function) {
                             return context_.project().is_reachable(function);
                           });
      if (!is_live) continue;
      for (const dart::Variable& field : owner.fields) dart::walk(field, visit);
      for (const dart::Function* function : owner.functions) {
        if (context_.project().is_reachable(function)) dart::walk(*function, visit);
      }
    }
  }

  void look_at(const CallFacts& facts) {
    const ApiCall& call = *facts.call;
    if (call.function == nullptr) return;
    dart::walk(*call.function, [&](const Expression& node) {
      text(*call.site.unit, node);
      return true;
    });
    // A group's constants stand in its class.
    if (const flutterflow::ApiGroup* group = context_.project().find_group(call.group)) {
      if (const auto* entry = context_.project().index.find_class(group->class_name, group->site.unit)) {
        dart::walk(*entry->node, [&](const Expression& node) {
          text(*entry->unit, node);
          return true;
        });
      }
    }
    for (const CallParameter& parameter : call.parameters) {
      const auto fallback = dart::constant_text(parameter.default_value);
      if (!fallback || fallback->empty()) continue;
      if (is_plain_password_name(parameter.name))
        add({parameter.site.unit, parameter.default_value->span}, *fallback, "a password as a default");
      const bool is_header = std::ranges::any_of(call.headers, [&](const CallHeader& header) {
        return is_token_name(header.name) && dart::mentions(header.value, parameter.name);
      });
      if (is_header && looks_secret(*fallback) && !holds_public_jwt(*fallback)) {
        add({parameter.site.unit, parameter.default_value->span}, *fallback, "a token as a default");
      }
    }
  }

  void text(const flutterflow::SourceUnit& unit, const Expression& node) {
    if (node.kind != ExpressionKind::string) return;
    for (const dart::StringPart& part : node.parts) {
      if (part.expression != nullptr) continue;
      const std::string_view secret = secret_in(part.text);
      if (!secret.empty()) add({&unit, node.span}, secret, "a key or a token");
    }
    if (const auto whole = dart::constant_text(&node); whole && node.parts.size() > 1) {
      const std::string_view secret = secret_in(*whole);
      if (!secret.empty()) add({&unit, node.span}, secret, "a key or a token");
    }
  }

  // A literal password that is sent, or that a field is filled with.
  void passwords() {
    std::vector<ExpressionPtr> seen;
    for (const auto& handler : context_.handlers().all) {
      if (!handler->is_reachable) continue;
      for (const Step& step : handler->steps) {
        if (step.kind == StepKind::api_call) {
          for (const dart::Argument& argument : step.arguments) {
            if (!is_plain_password_name(argument.name) || argument.value == nullptr) continue;
            const auto value = dart::constant_text(argument.value);
            if (value && !value->empty())
              add(site_of(*handler, step, argument.value), *value, "a password that is sent");
          }
        }
      }
    }
    for (const auto& unit : context_.project().units) {
      if (unit->is_library()) continue;
      for (const dart::Class& owner : unit->unit.classes) {
        const flutterflow::Page* page = context_.project().page_of(*unit, owner);
        if (page == nullptr || !page->is_reachable) continue;
        dart::walk(owner, [&](const Expression& node) {
          prefilled(*unit, node);
          return true;
        });
      }
    }
    for (const CallFacts& facts : context_.calls()) {
      if (!facts.is_called) continue;
      for (const SentField& field : sent_fields(*facts.call)) {
        if (!is_plain_password_name(field.name) || field.value != nullptr || field.text.empty()) continue;
        if (field.text.find_first_of("<>{}[]$") != std::string::npos) continue;
        add(field.site, field.text, "a password that is sent");
      }
    }
  }

  // `_model.passwordTextController ??= TextEditingController(text: 'secret')`
  void prefilled(const flutterflow::SourceUnit& unit, const Expression& node) {
    if (node.kind != ExpressionKind::assign || node.target == nullptr || node.children.empty()) return;
    const Expression& value = *node.children[0];
    if (value.kind != ExpressionKind::call || value.target == nullptr ||
        value.target->text != "TextEditingController")
      return;
    std::string_view name = node.target->text;
    if (!is_plain_password_name(name)) return;
    const dart::Argument* argument = value.find_argument("text");
    const auto filled = argument == nullptr ? std::nullopt : dart::constant_text(argument->value);
    if (filled && !filled->empty())
      add({&unit, argument->value->span}, *filled, "a password that fills a field");
  }

  void add(const Site& site, std::string_view secret, std::string_view what) {
    outcome_.add(site, first_characters(secret));
    if (std::ranges::find(told_, what) == told_.end()) {
      told_.emplace_back(what);
      outcome_.say("There is " + std::string(what) + ": " + first_characters(secret));
    }
  }

  const Context& context_;
  Outcome& outcome_;
  std::vector<std::string> told_;
};

bool is_cleared(ExpressionPtr value) {
  if (value == nullptr || value->kind == ExpressionKind::null_literal) return true;
  const auto text = dart::constant_text(value);
  return text.has_value();
}

bool is_print(const Expression& node) {
  if (node.kind != ExpressionKind::call || node.target == nullptr) return false;
  static constexpr std::array<std::string_view, 4> kPlain = {"print", "debugPrint", "log",
                                                             "debugPrintSynchronously"};
  if (std::ranges::find(kPlain, node.target->text) == kPlain.end()) return false;
  if (node.target->kind == ExpressionKind::identifier) return true;
  const auto chain = dart::chain_of(node.target);
  return chain.size() == 2 && (chain[0] == "developer" || chain[0] == "dev" || chain[0] == "logger");
}

// A name that holds a token or a password itself, not something about it.
bool holds_secret(std::string_view name) {
  const std::vector<std::string> words = words_of(name);
  static constexpr std::array<std::string_view, 15> kAbout = {
      "expiry", "expires", "expiration", "expired", "length", "type",  "status",    "valid",
      "is",     "has",     "visibility", "error",   "field",  "count", "controller"};
  if (std::ranges::any_of(
          words, [](const std::string& word) { return std::ranges::find(kAbout, word) != kAbout.end(); })) {
    return false;
  }
  return is_token_name(name) || is_plain_password_name(name);
}

bool prints_secret(const Expression& call) {
  bool found = false;
  for (const dart::Argument& argument : call.arguments) {
    dart::walk(argument.value, [&](const Expression& node) {
      // `token != null`, `token.isEmpty` and `token.length` tell nothing of it.
      if (node.kind == ExpressionKind::binary && (node.text == "==" || node.text == "!=")) return false;
      if (node.kind == ExpressionKind::member && (node.text == "length" || node.text == "isEmpty" ||
                                                  node.text == "isNotEmpty" || node.text == "statusCode")) {
        return false;
      }
      const bool is_name = node.kind == ExpressionKind::identifier || node.kind == ExpressionKind::member;
      if (is_name && holds_secret(node.text)) found = true;
      if (node.kind == ExpressionKind::index && !node.children.empty()) {
        const auto key = dart::constant_text(node.children[0]);
        if (key && holds_secret(*key)) found = true;
      }
      return !found;
    });
  }
  return found;
}

}  // namespace

void hardcoded_secret(const Context& context, Outcome& outcome) { SecretFinder(context, outcome).run(); }

void password_stored(const Context& context, Outcome& outcome) {
  for (const auto& handler : context.handlers().all) {
    if (!handler->is_reachable) continue;
    for (const Step& step : handler->steps) {
      if (step.kind == StepKind::set_state && step.name.find("AppState()") != std::string::npos) {
        const std::string_view name = std::string_view(step.name).substr(step.name.rfind('.') + 1);
        if (is_cleared(step.value)) continue;
        const auto origin = resolve(context.project(), *handler, step, step.value);
        const bool is_typed =
            origin.kind == flutterflow::OriginKind::text_field && is_plain_password_name(origin.name);
        if (is_plain_password_name(name) || is_typed) outcome.add(step.site);
      }
      if (step.kind == StepKind::sign_in || step.kind == StepKind::update_user) continue;
      static constexpr std::array<std::string_view, 3> kStores = {"setString", "write", "setSecureString"};
      const bool stores = step.expression != nullptr && step.expression->kind == ExpressionKind::call &&
                          step.expression->target != nullptr &&
                          std::ranges::find(kStores, step.expression->target->text) != kStores.end();
      if (!stores) continue;
      for (const dart::Argument& argument : step.arguments) {
        const auto key = dart::constant_text(argument.value);
        const auto chain = dart::chain_of(argument.value);
        const bool is_password =
            (key && is_plain_password_name(*key)) || (!chain.empty() && is_plain_password_name(chain.back()));
        if (is_password) {
          outcome.add(step.site);
          break;
        }
      }
    }
  }
  for (const flutterflow::Mapping& mapping : context.mappings()) {
    if (!mapping.handler->is_reachable || !mapping.argument.starts_with("userData.")) continue;
    if (!is_plain_password_name(std::string_view(mapping.argument).substr(9)) || is_cleared(mapping.value))
      continue;
    outcome.add(site_of(*mapping.handler, *mapping.step, mapping.value));
  }
}

void token_logged(const Context& context, Outcome& outcome) {
  for (const auto& unit : context.project().units) {
    if (unit->path.find("/flutter_flow/") != std::string::npos) continue;
    const auto look = [&](const dart::Function& function) {
      if (!context.project().is_reachable(&function)) return;
      dart::walk(function, [&](const Expression& node) {
        if (is_print(node) && prints_secret(node)) outcome.add({unit.get(), node.span});
        return true;
      });
    };
    for (const dart::Function* function : unit->unit.functions) look(*function);
    for (const dart::Class& owner : unit->unit.classes) {
      for (const dart::Function* function : owner.functions) look(*function);
    }
  }
}

}  // namespace latchkey::doctor

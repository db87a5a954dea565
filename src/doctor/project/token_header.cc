#include "doctor/project/token_header.h"

#include "doctor/project/roles.h"
#include "flutterflow/dart/walk.h"
#include "flutterflow/project/lookup.h"

namespace latchkey::doctor {

namespace dart = flutterflow::dart;
using dart::ExpressionKind;
using dart::ExpressionPtr;
using flutterflow::ApiCall;
using flutterflow::CallHeader;
using flutterflow::CallParameter;
using flutterflow::CallSite;

bool is_authorization(std::string_view name) { return flutterflow::lower(name) == "authorization"; }
bool is_token_header(std::string_view name) {
  if (is_authorization(name)) return true;
  // Keys of an API are nobody's session: apikey, X-Api-Key, x-cg-demo-api-key.
  std::string joined;
  for (const std::string& word : words_of(name)) joined += word;
  return is_token_name(name) && !joined.ends_with("apikey");
}

// `x ?? ApiManager.accessToken`: something else stands in for it.
static bool has_substitute(ExpressionPtr value, std::string_view name) {
  bool found = false;
  dart::walk(value, [&](const dart::Expression& node) {
    if (node.kind != ExpressionKind::binary || node.text != "??" || node.children.size() != 2) return !found;
    const ExpressionPtr left = node.children[0];
    found = found || (left->kind == ExpressionKind::identifier && left->text == name &&
                      !is_empty_value(node.children[1]));
    return !found;
  });
  return found;
}

std::vector<const CallParameter*> token_parameters(const ApiCall& call) {
  std::vector<const CallParameter*> found;
  for (const CallHeader& header : call.headers) {
    if (!is_token_header(header.name)) continue;
    for (const CallParameter& parameter : call.parameters) {
      if (dart::mentions(header.value, parameter.name) && !has_substitute(header.value, parameter.name))
        found.push_back(&parameter);
    }
  }
  return found;
}

bool has_usable_default(const CallParameter& parameter) {
  if (parameter.default_value == nullptr || parameter.default_value->kind == ExpressionKind::null_literal)
    return false;
  const auto text = dart::constant_text(parameter.default_value);
  return !text || !text->empty();
}

ExpressionPtr given(const CallSite& site, std::string_view parameter) {
  const dart::Argument* argument = site.expression->find_argument(parameter);
  return argument == nullptr ? nullptr : argument->value;
}

bool is_empty_value(ExpressionPtr value) {
  if (value == nullptr || value->kind == ExpressionKind::null_literal) return true;
  const auto text = dart::constant_text(value);
  return text && text->empty();
}

}  // namespace latchkey::doctor

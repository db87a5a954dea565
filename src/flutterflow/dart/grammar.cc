#include "flutterflow/dart/grammar.h"

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

extern "C" const TSLanguage* tree_sitter_dart();

namespace latchkey::flutterflow::dart {
namespace {

struct Name {
  NodeKind kind;
  std::string_view text;
  bool is_named;
};

constexpr Name kNames[] = {
#define LK_NODE(name, text) {NodeKind::name, text, true},
#define LK_TOKEN(name, text) {NodeKind::name, text, false},
#include "flutterflow/dart/grammar.def"
#undef LK_NODE
#undef LK_TOKEN
};

std::vector<NodeKind> read_kinds() {
  const TSLanguage* const language = dart_language();
  std::vector<NodeKind> kinds(ts_language_symbol_count(language), NodeKind::other);
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const auto symbol = static_cast<TSSymbol>(i);
    const std::string_view text = ts_language_symbol_name(language, symbol);
    const bool is_named = ts_language_symbol_type(language, symbol) == TSSymbolTypeRegular;
    for (const Name& name : kNames) {
      if (name.text == text && name.is_named == is_named) kinds[i] = name.kind;
    }
  }
  return kinds;
}

constexpr std::array<std::pair<NodeField, std::string_view>, 10> kFields{{
    {NodeField::alternative, "alternative"},
    {NodeField::body, "body"},
    {NodeField::condition, "condition"},
    {NodeField::consequence, "consequence"},
    {NodeField::init, "init"},
    {NodeField::left, "left"},
    {NodeField::name, "name"},
    {NodeField::right, "right"},
    {NodeField::update, "update"},
    {NodeField::value, "value"},
}};

std::vector<NodeField> read_fields() {
  const TSLanguage* const language = dart_language();
  std::vector<NodeField> fields(ts_language_field_count(language) + std::size_t{1}, NodeField::none);
  for (const auto& [field, name] : kFields) {
    const TSFieldId id =
        ts_language_field_id_for_name(language, name.data(), static_cast<std::uint32_t>(name.size()));
    if (id < fields.size()) fields[id] = field;
  }
  fields[0] = NodeField::none;
  return fields;
}

}  // namespace

const TSLanguage* dart_language() { return tree_sitter_dart(); }

NodeKind kind_of(TSNode node) {
  static const std::vector<NodeKind> kinds = read_kinds();
  const TSSymbol symbol = ts_node_symbol(node);
  if (symbol < kinds.size()) return kinds[symbol];
  return NodeKind::error;  // the library's own number for what it did not understand
}

NodeField field_of(TSFieldId field) {
  static const std::vector<NodeField> fields = read_fields();
  return field < fields.size() ? fields[field] : NodeField::none;
}

}  // namespace latchkey::flutterflow::dart

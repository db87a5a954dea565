// The grammar's names as numbers, looked up once.
#pragma once

#include <tree_sitter/api.h>

#include <cstdint>

namespace latchkey::flutterflow::dart {

enum class NodeKind : std::uint8_t {
  other,  // a kind that nobody asks for
  error,  // what the grammar did not understand
#define LK_NODE(name, text) name,
#define LK_TOKEN(name, text) name,
#include "flutterflow/dart/grammar.def"
#undef LK_NODE
#undef LK_TOKEN
};

enum class NodeField : std::uint8_t {
  none,
  alternative,
  body,
  condition,
  consequence,
  init,
  left,
  name,
  right,
  update,
  value
};

const TSLanguage* dart_language();
NodeKind kind_of(TSNode node);
NodeField field_of(TSFieldId field);

}  // namespace latchkey::flutterflow::dart

#include <limits>
#include <memory>
#include <memory_resource>

#include "flutterflow/dart/grammar.h"
#include "flutterflow/dart/lower.h"
#include "flutterflow/dart/syntax.h"

namespace latchkey::flutterflow::dart {
namespace {

using Tree = std::unique_ptr<TSTree, decltype(&ts_tree_delete)>;

Tree parse(std::string_view source) {
  const std::unique_ptr<TSParser, decltype(&ts_parser_delete)> parser(ts_parser_new(), ts_parser_delete);
  ts_parser_set_language(parser.get(), dart_language());
  return {
      ts_parser_parse_string(parser.get(), nullptr, source.data(), static_cast<std::uint32_t>(source.size())),
      ts_tree_delete};
}

// How many places were not understood: errors that stand in no other error, and what the parser put in.
std::uint32_t count_errors(TSNode root) {
  if (!ts_node_has_error(root)) return 0;
  std::uint32_t count = 0;
  TSTreeCursor cursor = ts_tree_cursor_new(root);
  bool goes_on = true;
  while (goes_on) {
    const TSNode node = ts_tree_cursor_current_node(&cursor);
    const bool is_error = ts_node_is_missing(node) || kind_of(node) == NodeKind::error;
    if (is_error) ++count;
    if (!is_error && ts_node_has_error(node) && ts_tree_cursor_goto_first_child(&cursor)) continue;
    while (!ts_tree_cursor_goto_next_sibling(&cursor)) {
      if (!ts_tree_cursor_goto_parent(&cursor)) {
        goes_on = false;
        break;
      }
    }
  }
  ts_tree_cursor_delete(&cursor);
  return count;
}

}  // namespace

struct Unit::Storage {
  std::string text;
  std::pmr::monotonic_buffer_resource arena;
};

Unit::Unit(std::unique_ptr<Storage> storage) : storage_(std::move(storage)) {}
Unit::Unit(Unit&&) noexcept = default;
Unit& Unit::operator=(Unit&&) noexcept = default;
Unit::~Unit() = default;

std::string_view Unit::text() const { return storage_->text; }

Unit parse_unit(std::string text) {
  auto storage = std::make_unique<Unit::Storage>();
  storage->text = std::move(text);
  const std::string_view source = storage->text;
  Unit unit(std::move(storage));
  if (source.size() >= std::numeric_limits<std::uint32_t>::max()) {
    unit.parse_errors = 1;
    return unit;
  }
  const Tree tree = parse(source);
  const TSNode root = ts_tree_root_node(tree.get());
  unit.parse_errors = count_errors(root);
  Lowering(source, unit.storage_->arena).lower(root, unit);
  return unit;
}

}  // namespace latchkey::flutterflow::dart

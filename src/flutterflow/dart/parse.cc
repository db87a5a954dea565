#include <tree_sitter/api.h>

#include <limits>

#include "flutterflow/dart/syntax.h"

extern "C" const TSLanguage* tree_sitter_dart();

namespace latchkey::flutterflow::dart {

struct Unit::Storage {
  std::string text;
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
  const std::unique_ptr<TSParser, decltype(&ts_parser_delete)> parser(ts_parser_new(), ts_parser_delete);
  ts_parser_set_language(parser.get(), tree_sitter_dart());
  if (source.size() > std::numeric_limits<std::uint32_t>::max()) return unit;
  const std::unique_ptr<TSTree, decltype(&ts_tree_delete)> tree(
      ts_parser_parse_string(parser.get(), nullptr, source.data(), static_cast<std::uint32_t>(source.size())),
      ts_tree_delete);
  unit.parse_errors = ts_node_has_error(ts_tree_root_node(tree.get())) ? 1 : 0;
  return unit;
}

}  // namespace latchkey::flutterflow::dart

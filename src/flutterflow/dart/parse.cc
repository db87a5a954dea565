#include <chrono>
#include <limits>
#include <memory>
#include <memory_resource>
#include <vector>

#include "flutterflow/dart/bounded_parse.h"
#include "flutterflow/dart/drawing.h"
#include "flutterflow/dart/grammar.h"
#include "flutterflow/dart/lower.h"
#include "flutterflow/dart/syntax.h"

namespace latchkey::flutterflow::dart {
namespace {

// tree-sitter 0.20 loses its memory when more than 65,535 symbols wait to be put together, and needs minutes
// for long rows of tokens that fit nowhere. Nobody writes such source, so it is not parsed.
constexpr std::uint32_t kMostPending = 50'000;
constexpr std::chrono::seconds kParseTime{2};  // of a file, and as much again for each megabyte

// Whether more tokens wait than the parser may hold: those since the last , or ; of each bracket that is
// open.
bool is_beyond_parsing(std::string_view source) {
  std::vector<std::uint32_t> outer;
  std::uint32_t here = 0;
  std::uint64_t all = 0;
  bool in_word = false;
  for (const char c : source) {
    const bool is_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                         c == '_' || c == '+' || c == '/' || (static_cast<unsigned char>(c) & 0x80U) != 0;
    const bool continues = is_word && in_word;
    in_word = is_word;
    if (continues || c == ' ' || c == '\n' || c == '\r' || c == '\t') continue;
    if (c == ',' || c == ';') {
      all -= here;
      here = 0;
      continue;
    }
    ++here;
    ++all;
    if (c == '(' || c == '[' || c == '{') {
      outer.push_back(here);
      here = 0;
    } else if ((c == ')' || c == ']' || c == '}') && !outer.empty()) {
      all -= here;
      here = outer.back();
      outer.pop_back();
    }
    if (all > kMostPending) return true;
  }
  return false;
}

using Tree = std::unique_ptr<TSTree, decltype(&ts_tree_delete)>;

Tree parse(std::string_view source) {
  return {parse_within(source, dart_language(), kParseTime * (1 + (source.size() >> 20U))), ts_tree_delete};
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
  std::string parsed;  // without what only draws; empty when it was parsed as it is
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
  unit.parse_errors = 1;
  if (source.size() >= std::numeric_limits<std::uint32_t>::max() || is_beyond_parsing(source)) return unit;
  std::string& plain = unit.storage_->parsed;
  plain = without_drawing(source);
  Tree tree = parse(plain.empty() ? source : plain);
  if (tree != nullptr && !plain.empty() && ts_node_has_error(ts_tree_root_node(tree.get()))) {
    // Whatever is wrong, it must be the source's own.
    plain.clear();
    tree = parse(source);
  }
  if (tree == nullptr) return unit;  // it took too long
  const TSNode root = ts_tree_root_node(tree.get());
  unit.parse_errors = count_errors(root);
  Lowering(plain.empty() ? source : plain, unit.storage_->arena).lower(root, unit);
  return unit;
}

}  // namespace latchkey::flutterflow::dart

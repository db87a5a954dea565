#include <algorithm>

#include "flutterflow/dart/lower.h"

namespace latchkey::flutterflow::dart {
namespace {

using Kind = NodeKind;

constexpr std::string_view kSpace = " \t\r\n";

// The word at the begin of the text, which is taken off; what is no word is one character.
std::string_view take_word(std::string_view& text) {
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) {
    text = {};
    return {};
  }
  text.remove_prefix(begin);
  std::size_t end = 0;
  const auto is_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$';
  };
  while (end < text.size() && is_word(text[end])) ++end;
  const std::string_view word = text.substr(0, std::max<std::size_t>(end, 1));
  text.remove_prefix(word.size());
  return word;
}

bool is_comment(Kind kind) { return kind == Kind::comment || kind == Kind::documentation_comment; }

bool is_signature(Kind kind) {
  switch (kind) {
    case Kind::function_signature:
    case Kind::getter_signature:
    case Kind::setter_signature:
    case Kind::operator_signature:
    case Kind::constructor_signature:
    case Kind::constant_constructor_signature:
    case Kind::factory_constructor_signature:
    case Kind::redirecting_factory_constructor_signature:
      return true;
    default:
      return false;
  }
}

bool is_declared_list(Kind kind) {
  return kind == Kind::initialized_identifier_list || kind == Kind::static_final_declaration_list ||
         kind == Kind::identifier_list;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

Lowering::Lowering(std::string_view source, std::pmr::memory_resource& arena)
    : source_(source), arena_(arena) {}

Lowering::~Lowering() {
  if (cursor_) ts_tree_cursor_delete(&*cursor_);
}

Span Lowering::span_of(const Child& first, const Child& last) {
  return {.begin = first.begin,
          .end = last.end,
          .line = ts_node_start_point(first.node).row + 1,
          .end_line = ts_node_end_point(last.node).row + 1};
}

Span Lowering::span_to(const Span& from, const Child& last) {
  return {.begin = from.begin, .end = last.end, .line = from.line, .end_line = span_of(last).end_line};
}

Lowering::Children Lowering::children(TSNode node, bool with_comments) {
  Children out;
  if (ts_node_child_count(node) == 0) return out;
  if (cursor_) {
    ts_tree_cursor_reset(&*cursor_, node);
  } else {
    cursor_ = ts_tree_cursor_new(node);
  }
  if (!ts_tree_cursor_goto_first_child(&*cursor_)) return out;
  // What was not understood is replaced by what is inside; how often, is bounded by the levels.
  int inside_errors = 0;
  while (true) {
    const TSNode current = ts_tree_cursor_current_node(&*cursor_);
    const Kind kind = kind_of(current);
    if (kind == Kind::error && inside_errors < kMaxDepth && ts_tree_cursor_goto_first_child(&*cursor_)) {
      ++inside_errors;
      continue;
    }
    if (with_comments || !is_comment(kind)) {
      out.push_back({.node = current,
                     .kind = kind,
                     .field = field_of(ts_tree_cursor_current_field_id(&*cursor_)),
                     .begin = ts_node_start_byte(current),
                     .end = ts_node_end_byte(current)});
    }
    while (!ts_tree_cursor_goto_next_sibling(&*cursor_)) {
      if (inside_errors == 0) return out;
      --inside_errors;
      ts_tree_cursor_goto_parent(&*cursor_);
    }
  }
}

Lowering::Words Lowering::words_before(std::uint32_t begin, std::uint32_t end) const {
  Words words;
  std::string_view rest = text(begin, end);
  while (true) {
    std::string_view after = rest;
    const std::string_view word = take_word(after);
    if (word == "static") {
      words.is_static = true;
    } else if (word == "const") {
      words.is_const = true;
    } else if (word == "final") {
      words.is_final = true;
    } else if (word == "required") {
      words.is_required = true;
    } else if (word == "@") {
      take_word(after);  // an annotation, without arguments
    } else if (word != "late" && word != "var" && word != "covariant" && word != "external" &&
               word != "abstract") {
      break;
    }
    rest = after;
  }
  words.type = trimmed(rest);
  return words;
}

std::string_view Lowering::comment_above(const Children& comments, std::uint32_t line) const {
  std::size_t first = comments.size();
  while (first > 0 && span_of(comments[first - 1]).end_line + 1 >= line) {
    --first;
    line = span_of(comments[first]).line;
  }
  return first == comments.size() ? std::string_view{} : text(comments[first].begin, comments.back().end);
}

void Lowering::lower(TSNode root, Unit& unit) {
  const Children nodes = children(root, true);
  Children comments;             // right above what comes next
  std::optional<Child> begin;    // of the declaration that is being read
  std::optional<Function> open;  // a signature whose body comes next
  std::optional<Child> open_child;
  const auto close = [&] {
    if (open) unit.functions.push_back(make(std::move(*open)));
    open.reset();
    begin.reset();
    comments.clear();
  };
  for (const Child& node : nodes) {
    if (is_comment(node.kind)) {
      if (!begin) comments.push_back(node);
      continue;
    }
    if (node.kind == Kind::annotation || node.kind == Kind::marker_annotation) continue;
    if (node.kind == Kind::function_body) {
      if (open) {
        body(node, *open);
        open->span = span_of(*open_child, node);
      }
      close();
      continue;
    }
    if (open) close();
    switch (node.kind) {
      case Kind::import_or_export:
      case Kind::library_import:
      case Kind::library_export:
        import(node, unit);
        close();
        break;
      case Kind::class_definition:
      case Kind::enum_declaration:
      case Kind::extension_declaration:
      case Kind::mixin_declaration:
        unit.classes.push_back(class_of(node));
        close();
        break;
      default:
        if (is_signature(node.kind)) {
          open_child = begin ? *begin : node;
          open = signature(node, {});
          if (open) open->span = span_of(*open_child, node);
        } else if (node.kind == Kind::lambda_expression || node.kind == Kind::local_function_declaration) {
          if (const StatementPtr found = statement(node); found->function != nullptr) {
            unit.functions.push_back(found->function);
          }
          close();
        } else if (is_declared_list(node.kind)) {
          const Child& first = begin ? *begin : node;
          declared(node, words_before(first.begin, node.begin), comment_above(comments, span_of(first).line),
                   unit.variables);
          close();
        } else if (node.kind == Kind::local_variable_declaration) {
          for (const Variable& variable : local_variables(node)) unit.variables.push_back(variable);
          close();
        } else if (!begin) {
          begin = node;
        }
        break;
    }
  }
  close();
}

void Lowering::import(const Child& child, Unit& unit) {
  const Depth depth(*this, 1);
  if (depth.is_too_deep()) return;
  const bool is_export = child.kind == Kind::library_export;
  const bool is_leaf = is_export || child.kind == Kind::import_specification;
  Import made{.is_export = is_export};
  bool has_uri = false;
  for (const Child& node : children(child.node)) {
    if (!is_leaf) {
      if (node.kind == Kind::library_import || node.kind == Kind::library_export ||
          node.kind == Kind::import_specification) {
        import(node, unit);
      }
    } else if (node.kind == Kind::configurable_uri || node.kind == Kind::uri) {
      std::string_view uri = text(node);
      const std::size_t begin = uri.find_first_of("'\"");
      const std::size_t end = begin == std::string_view::npos ? begin : uri.find(uri[begin], begin + 1);
      if (end == std::string_view::npos) continue;
      made.uri = uri.substr(begin + 1, end - begin - 1);
      has_uri = true;
    } else if (node.kind == Kind::identifier && !is_export) {
      made.prefix = text(node);
    }
  }
  if (has_uri) unit.imports.push_back(made);
}

Class Lowering::class_of(const Child& child) {
  Class made{.is_enum = child.kind == Kind::enum_declaration, .span = span_of(child)};
  for (const Child& node : children(child.node)) {
    if (node.field == NodeField::name || (made.name.empty() && node.kind == Kind::identifier)) {
      made.name = text(node);
    } else if (node.kind == Kind::superclass) {
      std::uint32_t end = node.end;
      for (const Child& part : children(node.node)) {
        if (part.kind == Kind::mixins) end = part.begin;
      }
      std::string_view type = text(node.begin, end);
      if (take_word(type) == "extends") made.extends = trimmed(type);
    } else if (node.kind == Kind::class_body || node.kind == Kind::extension_body) {
      members(node, made);
    } else if (node.kind == Kind::enum_body) {
      std::vector<std::string_view> values;
      for (const Child& part : children(node.node)) {
        if (part.kind != Kind::enum_constant) continue;
        for (const Child& name : children(part.node)) {
          if (name.field == NodeField::name) values.push_back(text(name));
        }
        if (ts_node_child_count(part.node) == 0) values.push_back(text(part));
      }
      made.enum_values = keep(values);
    }
  }
  return made;
}

void Lowering::members(const Child& body_node, Class& out) {
  const Children nodes = children(body_node.node, true);
  std::vector<Variable> fields;
  std::vector<const Function*> functions;
  Children comments;
  std::optional<Function> open;
  std::optional<Child> open_child;
  const auto close = [&] {
    if (open) functions.push_back(make(std::move(*open)));
    open.reset();
  };
  for (const Child& node : nodes) {
    if (is_comment(node.kind)) {
      comments.push_back(node);
      continue;
    }
    if (node.kind == Kind::annotation || node.kind == Kind::marker_annotation) continue;
    if (node.kind == Kind::function_body) {
      if (open) {
        body(node, *open);
        open->span = span_of(*open_child, node);
      }
      close();
    } else if (node.kind == Kind::method_signature) {
      close();
      open_child = node;
      for (const Child& part : children(node.node)) {
        if (is_signature(part.kind)) {
          open = signature(part, out.name);
          if (open) open->is_static = words_before(node.begin, part.begin).is_static;
        } else if (part.kind == Kind::initializers && open) {
          initializers(part, *open);
        }
      }
      if (open) open->span = span_of(node);
    } else if (node.kind == Kind::declaration) {
      close();
      member_declaration(node, comment_above(comments, span_of(node).line), out, fields, functions);
    } else if (is_signature(node.kind)) {  // left behind by an error
      close();
      open_child = node;
      open = signature(node, out.name);
      if (open) open->span = span_of(node);
    }
    comments.clear();
  }
  close();
  out.fields = keep(fields);
  out.functions = keep(functions);
}

void Lowering::member_declaration(const Child& child, std::string_view comment, Class& out,
                                  std::vector<Variable>& fields, std::vector<const Function*>& functions) {
  std::optional<Function> found;
  for (const Child& node : children(child.node)) {
    if (is_signature(node.kind)) {
      found = signature(node, out.name);
      if (found) {
        found->span = span_of(child);
        found->is_static = words_before(child.begin, node.begin).is_static;
      }
    } else if ((node.kind == Kind::initializers || node.kind == Kind::redirection) && found) {
      initializers(node, *found);
    } else if (is_declared_list(node.kind)) {
      declared(node, words_before(child.begin, node.begin), comment, fields);
    }
  }
  if (found) functions.push_back(make(std::move(*found)));
}

std::optional<Function> Lowering::signature(const Child& child, std::string_view class_name) {
  const Depth depth(*this, 1);
  if (depth.is_too_deep()) return std::nullopt;
  Function made{.name = {}, .span = span_of(child)};
  const Children nodes = children(child.node);
  std::vector<std::string_view> names;
  std::uint32_t name_begin = child.begin;
  for (const Child& node : nodes) {
    if (node.kind == Kind::formal_parameter_list) {
      parameters(node, made);
      break;
    }
    if (node.kind == Kind::identifier) {
      if (names.empty()) name_begin = node.begin;
      names.push_back(text(node));
    } else if (node.kind == Kind::qualified) {
      for (const Child& part : children(node.node)) {
        if (part.kind == Kind::identifier) names.push_back(text(part));
      }
      if (names.empty()) names.push_back(text(node));
    }
  }
  switch (child.kind) {
    case Kind::constructor_signature:
    case Kind::constant_constructor_signature:
    case Kind::factory_constructor_signature:
    case Kind::redirecting_factory_constructor_signature:
      made.is_constructor = true;
      made.is_factory = child.kind == Kind::factory_constructor_signature ||
                        child.kind == Kind::redirecting_factory_constructor_signature;
      made.name = names.size() > 1 ? names[1] : class_name;
      return made;
    case Kind::operator_signature: {
      std::string_view head = text(child);
      const std::size_t at = head.find("operator");
      if (at == std::string_view::npos) return std::nullopt;
      made.return_type = trimmed(head.substr(0, at));
      head.remove_prefix(at + std::string_view("operator").size());
      made.name = trimmed(head.substr(0, head.find('(')));
      return made;
    }
    default:
      break;
  }
  if (names.empty()) return std::nullopt;
  made.name = names.back();
  if (names.size() > 1) {
    // `get` and `set` may be names themselves; the last identifier is the name.
    for (const Child& node : nodes) {
      if (node.kind == Kind::identifier) name_begin = node.begin;
      if (node.kind == Kind::formal_parameter_list) break;
    }
  }
  std::string_view type = words_before(child.begin, name_begin).type;
  made.is_getter = child.kind == Kind::getter_signature;
  made.is_setter = child.kind == Kind::setter_signature;
  if (made.is_getter || made.is_setter) {
    const std::string_view word = made.is_getter ? "get" : "set";
    if (type.ends_with(word)) type.remove_suffix(word.size());
  }
  made.return_type = trimmed(type);
  return made;
}

void Lowering::parameters(const Child& list, Function& out) {
  std::vector<Parameter> made;
  const auto read = [&](const Children& nodes, bool is_named) {
    std::uint32_t begin = nodes.empty() ? 0 : nodes[0].end;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const Child& node = nodes[i];
      if (node.kind == Kind::comma) begin = node.end;
      if (node.kind != Kind::formal_parameter) continue;
      ExpressionPtr value = nullptr;
      std::uint32_t end = node.end;
      if (i + 1 < nodes.size() && (nodes[i + 1].kind == Kind::equals || nodes[i + 1].kind == Kind::colon)) {
        Reader reader{nodes, i + 2};
        value = expression(reader);
        if (value != nullptr) end = nodes[reader.at - 1].end;
      }
      made.push_back(parameter(node, begin, is_named, value, end));
    }
  };
  const Children nodes = children(list.node);
  read(nodes, false);
  for (const Child& node : nodes) {
    if (node.kind == Kind::optional_formal_parameters) {
      read(children(node.node), text(node).starts_with('{'));
    }
  }
  out.parameters = keep(made);
}

Parameter Lowering::parameter(const Child& child, std::uint32_t begin, bool is_named,
                              ExpressionPtr default_value, std::uint32_t end) {
  Parameter made{.is_named = is_named,
                 .is_required = words_before(begin, child.begin).is_required,
                 .default_value = default_value,
                 .span = span_of(child)};
  made.span.end = end;
  if (default_value != nullptr) made.span.end_line = default_value->span.end_line;
  Children nodes = children(child.node);
  if (nodes.empty()) {
    made.name = text(child);
    return made;
  }
  std::uint32_t type_begin = child.begin;
  for (const Child& node : nodes) {
    if (node.kind != Kind::constructor_param && node.kind != Kind::super_formal_parameter) continue;
    made.is_field = true;
    const Child holder = node;
    type_begin = holder.begin;
    nodes = children(holder.node);
    break;
  }
  for (const Child& node : nodes) {
    if (node.kind == Kind::annotation || node.kind == Kind::marker_annotation) {
      type_begin = node.end;
    } else if (node.kind == Kind::this_ || node.kind == Kind::super) {
      made.type = words_before(type_begin, node.begin).type;
    } else if (node.kind == Kind::identifier) {
      made.name = text(node);
      if (!made.is_field) made.type = words_before(type_begin, node.begin).type;
    } else if (node.kind == Kind::formal_parameter_list) {
      break;
    }
  }
  return made;
}

void Lowering::initializers(const Child& child, Function& out) {
  std::vector<ExpressionPtr> made(out.initializers.begin(), out.initializers.end());
  const auto call_of = [&](const Children& nodes, const Child& whole_node, std::string_view name) {
    Expression call{.kind = ExpressionKind::call, .span = span_of(whole_node)};
    call.target =
        make(Expression{.kind = ExpressionKind::identifier, .span = span_of(whole_node), .text = name});
    for (const Child& node : nodes) {
      if (node.kind == Kind::arguments) call.arguments = arguments(node);
    }
    made.push_back(make(std::move(call)));
  };
  const Children nodes = children(child.node);
  if (child.kind == Kind::redirection) {
    call_of(nodes, child, "this");
  }
  for (const Child& node : nodes) {
    if (node.kind != Kind::initializer_list_entry) continue;
    const Children parts = children(node.node);
    bool is_super = true;
    for (const Child& part : parts) {
      if (part.kind == Kind::assertion) is_super = false;
      if (part.kind != Kind::field_initializer) continue;
      is_super = false;
      const Children field = children(part.node);
      std::size_t at = 0;
      while (at < field.size() && field[at].kind != Kind::identifier) ++at;
      if (at == field.size()) continue;
      Expression assign{.kind = ExpressionKind::assign, .span = span_of(part), .text = "="};
      assign.target = primary(field[at]);
      Reader reader{field, at + 1};
      if (const ExpressionPtr value = expression(reader)) {
        assign.children = keep(std::vector{value});
        made.push_back(make(std::move(assign)));
      }
    }
    if (is_super) call_of(parts, node, "super");
  }
  out.initializers = keep(made);
}

void Lowering::declared(const Child& list, const Words& words, std::string_view comment,
                        std::vector<Variable>& out) {
  const Children nodes = children(list.node);
  const bool is_single =
      list.kind == Kind::initialized_identifier || list.kind == Kind::static_final_declaration;
  if (!is_single) {
    for (const Child& node : nodes) {
      if (node.kind == Kind::initialized_identifier || node.kind == Kind::static_final_declaration) {
        declared(node, words, comment, out);
      } else if (node.kind == Kind::identifier) {
        out.push_back({.name = text(node),
                       .type = words.type,
                       .is_static = words.is_static,
                       .is_const = words.is_const,
                       .is_final = words.is_final,
                       .span = span_of(node),
                       .comment = comment});
      }
    }
    return;
  }
  Variable made{.type = words.type,
                .is_static = words.is_static,
                .is_const = words.is_const,
                .is_final = words.is_final,
                .span = span_of(list),
                .comment = comment};
  Reader reader{nodes};
  if (reader.done()) {
    made.name = text(list);
  } else {
    made.name = text(reader.take());
    made.initial = expression(reader);
  }
  out.push_back(made);
}

}  // namespace latchkey::flutterflow::dart

#include "flutterflow/dart/drawing.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace latchkey::flutterflow::dart {
namespace {

constexpr std::size_t kNowhere = std::string_view::npos;

// Classes of Flutter and of the generator whose values do nothing.
constexpr std::array<std::string_view, 24> kDrawing = {"AlignmentDirectional",
                                                       "Border",
                                                       "BorderRadius",
                                                       "BorderRadiusDirectional",
                                                       "BorderSide",
                                                       "BoxDecoration",
                                                       "BoxShadow",
                                                       "Color",
                                                       "EdgeInsets",
                                                       "EdgeInsetsDirectional",
                                                       "FFButtonOptions",
                                                       "FlutterFlowTheme",
                                                       "GoogleFonts",
                                                       "Icon",
                                                       "InputDecoration",
                                                       "LinearGradient",
                                                       "Offset",
                                                       "OutlineInputBorder",
                                                       "Radius",
                                                       "RoundedRectangleBorder",
                                                       "Shadow",
                                                       "TextStyle",
                                                       "TransitionInfo",
                                                       "UnderlineInputBorder"};

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$';
}
bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

class Scanner {
 public:
  explicit Scanner(std::string_view source) : source_(source) {}

  // Nothing when there is nothing to replace, or the source ends inside of something.
  std::string run() {
    std::size_t at = 0;
    while (at < source_.size()) {
      const char c = source_[at];
      if (const std::size_t end = after_comment(at); end != at) {
        at = end;
      } else if (is_quote(at)) {
        at = after_text(at, nullptr);
      } else if (is_word(c)) {
        at = after_word(at);
      } else {
        ++at;
      }
      if (at == kNowhere) return {};
    }
    return std::move(out_);
  }

 private:
  char peek(std::size_t at) const { return at < source_.size() ? source_[at] : '\0'; }
  std::size_t skip_blanks(std::size_t at) const {
    while (at < source_.size() && is_blank(source_[at])) ++at;
    return at;
  }
  std::string_view word_at(std::size_t at) const {
    std::size_t end = at;
    while (end < source_.size() && is_word(source_[end])) ++end;
    return source_.substr(at, end - at);
  }

  std::size_t after_comment(std::size_t at) const {
    if (source_.substr(at, 2) == "//") return std::min(source_.find('\n', at), source_.size());
    if (source_.substr(at, 2) != "/*") return at;
    const std::size_t end = source_.find("*/", at + 2);
    return end == kNowhere ? source_.size() : end + 2;
  }

  bool is_quote(std::size_t at) const { return source_[at] == '\'' || source_[at] == '"'; }

  // Behind the text that begins with the quote at `at`; `has_value` is set when a value is put into it.
  std::size_t after_text(std::size_t at, bool* has_value, int depth = 0) const {
    const char quote = source_[at];
    const bool is_raw = at > 0 && source_[at - 1] == 'r' && (at < 2 || !is_word(source_[at - 2]));
    const bool is_long = peek(at + 1) == quote && peek(at + 2) == quote;
    at += is_long ? 3 : 1;
    while (at < source_.size()) {
      const char c = source_[at];
      if (c == quote && (!is_long || (peek(at + 1) == quote && peek(at + 2) == quote)))
        return at + (is_long ? 3 : 1);
      if (!is_raw && c == '\\') {
        at += 2;
      } else if (!is_raw && c == '$') {
        if (has_value != nullptr) *has_value = true;
        at = peek(at + 1) == '{' ? after_braces(at + 1, depth + 1) : at + 1;
        if (at == kNowhere) return kNowhere;
      } else if (!is_long && c == '\n') {
        return kNowhere;  // no Dart
      } else {
        ++at;
      }
    }
    return kNowhere;
  }

  // Behind `{ … }` with texts and braces inside.
  std::size_t after_braces(std::size_t at, int depth) const {
    if (depth > 32) return kNowhere;
    int open = 0;
    while (at < source_.size()) {
      if (is_quote(at)) {
        at = after_text(at, nullptr, depth);
        if (at == kNowhere) return kNowhere;
        continue;
      }
      if (source_[at] == '{') ++open;
      if (source_[at] == '}' && --open == 0) return at + 1;
      ++at;
    }
    return kNowhere;
  }

  // Behind the word, or behind the value that begins with it and was replaced.
  std::size_t after_word(std::size_t at) {
    const std::string_view word = word_at(at);
    const std::size_t end = at + word.size();
    if (std::ranges::find(kDrawing, word) == kDrawing.end()) return end;
    const std::size_t begin = begin_of_value(at);
    if (begin == kNowhere) return end;
    const std::size_t last = end_of_value(end);
    if (last == kNowhere) return end;
    if (out_.empty()) out_ = source_;
    for (std::size_t i = begin; i < last; ++i) {
      if (out_[i] != '\n') out_[i] = ' ';
    }
    out_[begin] = '0';
    return last;
  }

  // Where the value with that word begins, a `const` before it included. Nothing unless it stands behind a
  // sign that a value follows.
  std::size_t begin_of_value(std::size_t at) const {
    std::size_t begin = at;
    for (int words = 0;; ++words) {
      std::size_t before = begin;
      while (before > 0 && is_blank(source_[before - 1])) --before;
      if (before == 0) return kNowhere;
      const char c = source_[before - 1];
      if (c == '(' || c == '[' || c == ',' || c == ':' || c == '?') return begin;
      constexpr std::string_view kConst = "const";
      const bool is_const = before >= kConst.size() && before < begin &&
                            source_.substr(before - kConst.size(), kConst.size()) == kConst &&
                            (before == kConst.size() || !is_word(source_[before - kConst.size() - 1]));
      if (!is_const || words > 0) return kNowhere;
      begin = before - kConst.size();
    }
  }

  // Behind the value whose first word ends at `at`: `.name`, `(…)`, `!` in any number. Nothing when there is
  // more to it than drawing, or when something else follows than the end of an argument.
  std::size_t end_of_value(std::size_t at) const {
    bool is_called = false;
    for (;;) {
      const std::size_t next = skip_blanks(at);
      const char c = peek(next);
      if (c == '(') {
        at = after_arguments(next);
        if (at == kNowhere) return kNowhere;
        is_called = true;
      } else if (c == '.' && is_word(peek(skip_blanks(next + 1)))) {
        const std::size_t name = skip_blanks(next + 1);
        at = name + word_at(name).size();
      } else if (c == '!' && peek(next + 1) != '=') {
        at = next + 1;
      } else {
        return is_called && (c == ',' || c == ')' || c == ']') ? at : kNowhere;
      }
    }
  }

  // Behind `( … )`. Nothing when there is a function in it, a page, a text with a value, a comment.
  std::size_t after_arguments(std::size_t at) const {
    int open = 0;
    while (at < source_.size()) {
      const char c = source_[at];
      if (is_quote(at)) {
        bool has_value = false;
        at = after_text(at, &has_value);
        if (at == kNowhere || has_value) return kNowhere;
        continue;
      }
      if (is_word(c)) {
        const std::string_view word = word_at(at);
        if (word.ends_with("Widget") || word == "await" || word == "call") return kNowhere;
        at += word.size();
        continue;
      }
      if (c == '{' || c == '}' || c == ';' || (c == '=' && peek(at + 1) == '>') || after_comment(at) != at)
        return kNowhere;
      if (c == '(' || c == '[') ++open;
      if ((c == ')' || c == ']') && --open == 0) return at + 1;
      ++at;
    }
    return kNowhere;
  }

  std::string_view source_;
  std::string out_;
};

}  // namespace

std::string without_drawing(std::string_view source) { return Scanner(source).run(); }

}  // namespace latchkey::flutterflow::dart

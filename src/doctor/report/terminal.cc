// The report for a person at a terminal.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/version.h"
#include "doctor/report/parts.h"
#include "doctor/report/render.h"

namespace latchkey::doctor {
namespace {

constexpr std::size_t kIndent = 4;        // of what stands below a finding's title
constexpr std::size_t kLeastWidth = 40;   // narrower terminals break the lines themselves
constexpr std::size_t kMostWidth = 100;   // longer lines are hard to read
constexpr std::size_t kPlacesShown = 8;   // of a habit that is repeated everywhere
constexpr std::size_t kReasonsShown = 3;  // why something was not checked

enum class Paint : std::uint8_t { none, bold, dim, red, yellow, cyan, magenta, green };

std::string_view code_of(Paint paint) {
  switch (paint) {
    case Paint::none:
      return "";
    case Paint::bold:
      return "\x1b[1m";
    case Paint::dim:
      return "\x1b[2m";
    case Paint::red:
      return "\x1b[1;31m";
    case Paint::yellow:
      return "\x1b[1;33m";
    case Paint::cyan:
      return "\x1b[36m";
    case Paint::magenta:
      return "\x1b[35m";
    case Paint::green:
      return "\x1b[32m";
  }
  return "";
}

struct Look {
  std::string_view symbol, ascii;
  Paint paint;
};

Look look_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return {"✓", "+", Paint::green};
    case Verdict::note:
      return {"i", "i", Paint::cyan};
    case Verdict::skipped:
      return {"–", "-", Paint::dim};
    case Verdict::ask:
      return {"?", "?", Paint::magenta};
    case Verdict::warn:
      return {"!", "!", Paint::yellow};
    case Verdict::fail:
      return {"✗", "x", Paint::red};
  }
  return {"✗", "x", Paint::red};
}

// What stands for a character where only ASCII can be shown.
std::string_view ascii_of(char32_t character) {
  switch (character) {
    case U'…':
      return "...";
    case U'·':
      return "-";
    case U'–':
      return "-";
    case U'—':
      return "-";
    case U'•':
      return "*";
    case U'→':
      return "->";
    case U'←':
      return "<-";
    case U'↳':
      return "->";
    case U'▶':
      return ">";
    case U'▼':
      return "v";
    case U'↓':
      return "v";
    case U'✓':
      return "+";
    case U'✗':
      return "x";
    case U'‘':
      return "'";
    case U'’':
      return "'";
    case U'“':
      return "\"";
    case U'”':
      return "\"";
    default:
      break;
  }
  if (character == 0x2500 || character == 0x2501) return "-";  // box drawing
  if (character == 0x2502 || character == 0x2503) return "|";
  return character >= 0x2504 && character <= 0x257F ? "+" : "?";
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  for (std::size_t i = 0; i < text.size(); ++columns) next_character(text, i);
  return columns;
}

// Appends to a text, in the style of a terminal.
class Writer {
 public:
  explicit Writer(const TextStyle& style)
      : style_(style), width_(std::clamp(style.width, kLeastWidth, kMostWidth)) {}

  std::string take() { return std::move(out_); }

  void end_line() { out_ += '\n'; }
  // Strangers' text on one line.
  Writer& put(std::string_view text, Paint paint = Paint::none) {
    return put_clean(clean(harmless_line(text)), paint);
  }
  Writer& symbol(Verdict verdict) {
    const Look look = look_of(verdict);
    return put_clean(style_.has_unicode ? look.symbol : look.ascii, look.paint);
  }
  // Words broken at the width, each line behind `indent` blanks. On the first one `used` columns are taken
  // already, by what the caller has put there; the last has no line end.
  void wrap(std::string_view text, std::size_t indent, std::size_t used, Paint paint = Paint::none) {
    const std::string clean_text = clean(harmless(text));
    std::size_t column = used;
    std::string line;
    const auto flush = [&] {
      put_clean(line, paint);
      line.clear();
    };
    bool is_first_line = true;
    for (std::size_t begin = 0; begin <= clean_text.size();) {
      const std::size_t end = std::min(clean_text.find('\n', begin), clean_text.size());
      if (!is_first_line) {
        flush();
        end_line();
        out_.append(indent, ' ');
        column = indent;
      }
      is_first_line = false;
      for (std::size_t i = begin; i < end;) {
        const std::size_t word_end = std::min(clean_text.find(' ', i), end);
        const std::string_view word(clean_text.data() + i, word_end - i);
        i = word_end + 1;
        if (word.empty()) continue;
        const std::size_t blank = line.empty() ? 0 : 1;
        if (!line.empty() && column + blank + columns_of(word) > width_) {
          flush();
          end_line();
          out_.append(indent, ' ');
          column = indent;
        }
        if (!line.empty()) {
          line += ' ';
          ++column;
        }
        line += word;
        column += columns_of(word);
      }
      begin = end + 1;
    }
    flush();
  }
  // A paragraph with a short word before it.
  void labelled(std::string_view label, std::string_view text) {
    out_.append(kIndent, ' ');
    put_clean(label, Paint::dim).put(" ");
    wrap(text, kIndent + label.size() + 1, kIndent + label.size() + 1);
    end_line();
  }
  // Lines as they are, indented.
  void block(std::string_view text, std::size_t indent) {
    const std::string clean_text = clean(harmless(text));
    for (std::size_t begin = 0; begin < clean_text.size();) {
      const std::size_t end = std::min(clean_text.find('\n', begin), clean_text.size());
      if (end > begin) out_.append(indent, ' ').append(clean_text, begin, end - begin);
      end_line();
      begin = end + 1;
    }
  }
  Writer& blanks(std::size_t count) {
    out_.append(count, ' ');
    return *this;
  }

 private:
  std::string clean(std::string text) const {
    if (style_.has_unicode) return text;
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
      const char32_t character = next_character(text, i);
      if (character < 0x80) {
        out += static_cast<char>(character);
      } else {
        out += ascii_of(character);
      }
    }
    return out;
  }
  Writer& put_clean(std::string_view text, Paint paint) {
    if (!style_.has_colour || paint == Paint::none || text.empty()) {
      out_ += text;
    } else {
      out_.append(code_of(paint)).append(text).append("\x1b[0m");
    }
    return *this;
  }

  TextStyle style_;
  std::size_t width_;
  std::string out_;
};

void write_places(Writer& writer, const Finding& finding) {
  const std::size_t shown = finding.places.size() > kPlacesShown + 1 ? kPlacesShown : finding.places.size();
  for (std::size_t i = 0; i < shown; ++i) {
    const Place& place = finding.places[i];
    writer.blanks(kIndent).put(where(place), Paint::cyan).end_line();
    if (!place.expression.empty()) writer.blanks(kIndent + 2).put(place.expression, Paint::dim).end_line();
  }
  if (shown < finding.places.size())
    writer.blanks(kIndent)
        .put(fmt::format("… and {} more places; --format json lists all", finding.places.size() - shown),
             Paint::dim)
        .end_line();
}

// `is_repeated`: one of the same check stands right before it and has explained it.
void write_finding(Writer& writer, const Finding& finding, bool is_repeated) {
  const Texts texts = texts_of(finding);
  writer.blanks(2).symbol(finding.verdict).put(" ");
  writer.wrap(texts.title, kIndent, kIndent, Paint::bold);
  writer.put("  ").put(finding.id, Paint::dim).end_line();
  if (!finding.endpoint.empty()) writer.blanks(kIndent).put(finding.endpoint, Paint::cyan).end_line();
  if (!finding.evidence.empty()) {
    writer.blanks(kIndent).wrap(finding.evidence, kIndent, kIndent);
    writer.end_line();
  }
  write_places(writer, finding);
  if (is_repeated) return;
  if (!texts.why.empty()) writer.labelled("Why:", texts.why);
  if (!texts.fix.empty()) writer.labelled("Fix:", texts.fix);
}

// "✓ 3 passed: Caching of the login; Passwords in addresses; …"
void write_passed(Writer& writer, const std::vector<const Finding*>& findings) {
  std::vector<std::string_view> topics;
  for (const Finding* finding : findings) {
    if (finding->verdict == Verdict::pass) topics.push_back(texts_of(*finding).title);
  }
  if (topics.empty()) return;
  writer.blanks(2).symbol(Verdict::pass).put(" ");
  writer.wrap(fmt::format("{} passed: {}", topics.size(), fmt::join(topics, "; ")), kIndent, kIndent);
  writer.end_line();
}

// What was not checked, those with the same reason together.
void write_skipped(Writer& writer, const std::vector<const Finding*>& findings) {
  std::vector<std::pair<std::string_view, std::vector<std::string_view>>> reasons;
  for (const Finding* finding : findings) {
    if (finding->verdict != Verdict::skipped) continue;
    auto place = std::ranges::find(reasons, std::string_view(finding->evidence),
                                   [](const auto& reason) { return reason.first; });
    if (place == reasons.end()) {
      // The last one takes all that is left, without its reason.
      if (reasons.size() > kReasonsShown) {
        reasons.back().first = {};
        place = reasons.end() - 1;
      } else {
        place = reasons.insert(reasons.end(), {finding->evidence, {}});
      }
    }
    place->second.push_back(texts_of(*finding).title);
  }
  for (const auto& [reason, topics] : reasons) {
    writer.blanks(2).symbol(Verdict::skipped).put(" ");
    const std::string end = reason.empty() ? std::string() : fmt::format(" ({})", reason);
    writer.wrap(fmt::format("{} not checked: {}{}", topics.size(), fmt::join(topics, "; "), end), kIndent,
                kIndent, Paint::dim);
    writer.end_line();
  }
}

void write_summary(Writer& writer, const Report& report) {
  const std::string counts = counts_in_words(report);
  writer.wrap(counts.empty() ? "Nothing was checked." : counts, 0, 0, Paint::bold);
  writer.end_line();
  const Finding* first = report.first_to_fix();
  if (first == nullptr) {
    if (report.count(Verdict::pass) > 0) writer.put("Nothing to fix.", Paint::green).end_line();
    return;
  }
  const Texts texts = texts_of(*first);
  constexpr std::string_view kLabel = "Fix first: ";
  writer.put(kLabel, Paint::bold);
  writer.wrap(texts.title, 2, kLabel.size());
  writer.put("  ").put(first->id, Paint::dim).end_line();
  if (!texts.fix.empty()) {
    writer.blanks(2).wrap(texts.fix, 2, 2);
    writer.end_line();
  }
}

}  // namespace

std::string render_text(const Report& report, const TextStyle& style) {
  Writer writer(style);
  writer.put("Latchkey doctor", Paint::bold)
      .put(fmt::format(" {} · {} · {}", base::version(), to_string(report.kind), report.target))
      .end_line();
  for (const std::string& problem : report.problems) {
    writer.symbol(Verdict::warn).put(" ");
    writer.wrap(problem, 2, 2);
    writer.end_line();
  }
  for (const SectionFindings& section : by_section(report)) {
    writer.end_line();
    writer.put(title_of(section.section), Paint::bold).end_line();
    const Finding* before = nullptr;
    for (const Verdict verdict : {Verdict::fail, Verdict::warn, Verdict::ask, Verdict::note}) {
      for (const Finding* finding : section.findings) {
        if (finding->verdict != verdict) continue;
        const bool is_repeated =
            before != nullptr && before->id == finding->id && before->fix == finding->fix;
        if (before != nullptr && !is_repeated) writer.end_line();
        write_finding(writer, *finding, is_repeated);
        before = finding;
      }
    }
    const bool has_folded = std::ranges::any_of(section.findings, [](const Finding* finding) {
      return finding->verdict == Verdict::pass || finding->verdict == Verdict::skipped;
    });
    if (before != nullptr && has_folded) writer.end_line();
    write_passed(writer, section.findings);
    write_skipped(writer, section.findings);
  }
  if (!report.flow_text.empty()) {
    writer.end_line();
    writer.put("What was found", Paint::bold).end_line();
    writer.block(report.flow_text, 2);
  }
  writer.end_line();
  write_summary(writer, report);
  return writer.take();
}

}  // namespace latchkey::doctor

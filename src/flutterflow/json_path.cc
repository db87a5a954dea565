#include "flutterflow/json_path.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>

namespace latchkey::flutterflow {
namespace {

using boost::json::value;
using Found = std::vector<const value*>;

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '$' || (static_cast<unsigned char>(c) & 0x80U) != 0;
}

bool is_plain(std::string_view name) {
  if (name.empty()) return false;
  for (const char c : name) {
    if (!is_name_char(c)) return false;
  }
  return true;
}

void add(Found& found, const value& item) {
  if (found.size() < JsonPath::kMaxFound) found.push_back(&item);
}

// All below with that name. Documents are at most 32 levels deep, see base::parse_json; `budget` bounds the
// rest.
void descend(const value& from, std::string_view name, Found& found, int depth, std::size_t& budget) {
  if (depth > 64 || budget == 0) return;
  --budget;
  if (from.is_object()) {
    for (const auto& [key, item] : from.get_object()) {
      if (key == name) add(found, item);
      descend(item, name, found, depth + 1, budget);
    }
  } else if (from.is_array()) {
    for (const value& item : from.get_array()) descend(item, name, found, depth + 1, budget);
  }
}

}  // namespace

base::Result<JsonPath> JsonPath::parse(std::string_view text) {
  const auto wrong = [&](std::string_view why) {
    return base::fail(base::ErrorCode::validation_failed,
                      "The JSON path " + std::string(text.substr(0, 80)) + " " + std::string(why));
  };
  while (!text.empty() && (text.front() == ' ' || text.front() == '\n')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) text.remove_suffix(1);
  if (!text.starts_with('$')) return wrong("must begin with $, such as $.data.token");
  JsonPath path;
  std::size_t at = 1;
  const auto take_name = [&] {
    const std::size_t begin = at;
    while (at < text.size() && is_name_char(text[at])) ++at;
    return std::string(text.substr(begin, at - begin));
  };
  while (at < text.size()) {
    if (path.steps_.size() >= kMaxSteps) return wrong("is too long");
    if (text[at] == '.') {
      const bool is_descent = at + 1 < text.size() && text[at + 1] == '.';
      at += is_descent ? 2 : 1;
      if (at < text.size() && text[at] == '*' && !is_descent) {
        ++at;
        path.steps_.push_back({.kind = Step::Kind::all});
        continue;
      }
      std::string name = take_name();
      if (name.empty()) return wrong("has a dot with no name behind it");
      path.steps_.push_back(
          {.kind = is_descent ? Step::Kind::descend : Step::Kind::name, .name = std::move(name)});
    } else if (text[at] == '[') {
      const std::size_t close = [&] {
        if (at + 1 < text.size() && (text[at + 1] == '\'' || text[at + 1] == '"')) {
          const std::size_t quote = text.find(text[at + 1], at + 2);
          const bool is_closed =
              quote != std::string_view::npos && quote + 1 < text.size() && text[quote + 1] == ']';
          return is_closed ? quote + 1 : std::string_view::npos;
        }
        return text.find(']', at);
      }();
      if (close == std::string_view::npos) return wrong("has a [ without a ]");
      const std::string_view inside = text.substr(at + 1, close - at - 1);
      at = close + 1;
      if (inside == "*" || inside == ":") {
        path.steps_.push_back({.kind = Step::Kind::all});
      } else if (inside.size() >= 2 && (inside.front() == '\'' || inside.front() == '"') &&
                 inside.back() == inside.front()) {
        path.steps_.push_back(
            {.kind = Step::Kind::name, .name = std::string(inside.substr(1, inside.size() - 2))});
      } else {
        std::int64_t index = 0;
        const auto [end, error] = std::from_chars(inside.data(), inside.data() + inside.size(), index);
        if (error != std::errc() || end != inside.data() + inside.size()) {
          return wrong("has something in [ ] that is neither a number, a name in quotes, * nor :");
        }
        path.steps_.push_back({.kind = Step::Kind::index, .index = index});
      }
    } else {
      return wrong("has something behind a name that is neither a dot nor a [");
    }
  }
  return path;
}

std::vector<const value*> JsonPath::find_in(const value& document) const {
  Found found = {&document};
  for (const Step& step : steps_) {
    Found next;
    std::size_t budget = 100'000;
    for (const value* from : found) {
      switch (step.kind) {
        case Step::Kind::name:
          if (from->is_object()) {
            if (const value* item = from->get_object().if_contains(step.name)) add(next, *item);
          }
          break;
        case Step::Kind::index:
          if (from->is_array()) {
            const auto size = static_cast<std::int64_t>(from->get_array().size());
            const std::int64_t index = step.index < 0 ? size + step.index : step.index;
            if (index >= 0 && index < size) add(next, from->get_array()[static_cast<std::size_t>(index)]);
          }
          break;
        case Step::Kind::all:
          if (from->is_array()) {
            for (const value& item : from->get_array()) add(next, item);
          } else if (from->is_object()) {
            for (const auto& member : from->get_object()) add(next, member.value());
          }
          break;
        case Step::Kind::descend:
          descend(*from, step.name, next, 0, budget);
          break;
      }
    }
    found = std::move(next);
  }
  return found;
}

const value* JsonPath::first_in(const value& document) const {
  const Found found = find_in(document);
  return found.empty() ? nullptr : found.front();
}

std::string JsonPath::text() const {
  std::string out = "$";
  for (const Step& step : steps_) {
    switch (step.kind) {
      case Step::Kind::name:
        if (is_plain(step.name)) {
          out.append(".").append(step.name);
        } else {
          const std::string_view quote = step.name.find('\'') == std::string::npos ? "'" : "\"";
          out.append("[").append(quote).append(step.name).append(quote).append("]");
        }
        break;
      case Step::Kind::descend:
        out += ".." + step.name;
        break;
      case Step::Kind::index:
        out += "[" + std::to_string(step.index) + "]";
        break;
      case Step::Kind::all:
        out += "[*]";
        break;
    }
  }
  return out;
}

std::string_view JsonPath::last_name() const {
  for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) {
    if (step->kind == Step::Kind::name || step->kind == Step::Kind::descend) return step->name;
  }
  return {};
}

}  // namespace latchkey::flutterflow

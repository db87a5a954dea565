#include "doctor/project/outcome.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "doctor/project/redact.h"

namespace latchkey::doctor {

void Outcome::add(const flutterflow::Site& site, std::string_view expression) {
  holds_ = true;
  if (site.unit == nullptr) return;
  add(Place{.file = site.unit->path,
            .line = site.span.line,
            .end_line = site.span.end_line,
            .expression = expression.empty() ? shown(site) : redacted(expression)});
}

void Outcome::add(Place place) {
  holds_ = true;
  finding_.places.push_back(std::move(place));
}

void Outcome::add_absence(const flutterflow::Site& anchor) {
  holds_ = true;
  finding_.project_wide = true;
  if (anchor.unit == nullptr) return;
  add(anchor, shown(anchor, 80));
}

void Outcome::skip(std::string_view reason) {
  if (holds_) return;
  is_skipped_ = true;
  finding_.evidence = redacted(reason);
}

void Outcome::say(std::string_view sentence) {
  if (!finding_.evidence.empty()) finding_.evidence += ' ';
  finding_.evidence += redacted(sentence);
}

Finding Outcome::take() {
  const auto place_of = [](const Place& place) { return std::tie(place.file, place.line, place.expression); };
  std::ranges::sort(finding_.places, {}, place_of);
  const auto same = std::ranges::unique(finding_.places, {}, place_of);
  finding_.places.erase(same.begin(), same.end());
  const CheckInfo* check = find_check(finding_.id);
  finding_.verdict = holds_        ? (check == nullptr ? Verdict::warn : check->severity)
                     : is_skipped_ ? Verdict::skipped
                                   : Verdict::pass;
  return std::move(finding_);
}

}  // namespace latchkey::doctor

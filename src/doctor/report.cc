#include "doctor/report.h"

#include <algorithm>

namespace latchkey::doctor {
namespace {

constexpr CheckInfo kChecks[] = {
#define LK_CHECK(about, id, severity, section, topic, title, why, fix) \
  {#id, About::about, Verdict::severity, Section::section, topic, title, why, fix},
#include "doctor/checks.def"
#undef LK_CHECK
};

// Where the check stands in the catalogue; behind all when it does not.
std::size_t rank_of(std::string_view id) {
  return static_cast<std::size_t>(std::ranges::find(kChecks, id, &CheckInfo::id) - std::begin(kChecks));
}

}  // namespace

const CheckInfo* find_check(std::string_view id) {
  const std::size_t rank = rank_of(id);
  return rank < std::size(kChecks) ? &kChecks[rank] : nullptr;
}

std::span<const CheckInfo> all_checks() { return kChecks; }

void Report::sort() {
  std::ranges::stable_sort(findings, {}, [](const Finding& finding) { return rank_of(finding.id); });
}

std::size_t Report::count(Verdict verdict) const {
  return static_cast<std::size_t>(std::ranges::count(findings, verdict, &Finding::verdict));
}

const Finding* Report::first_to_fix() const {
  const Finding* first = nullptr;
  for (const Finding& finding : findings) {
    if (finding.verdict != Verdict::fail && finding.verdict != Verdict::warn) continue;
    const bool is_earlier = first == nullptr || finding.verdict > first->verdict ||
                            (finding.verdict == first->verdict && rank_of(finding.id) < rank_of(first->id));
    if (is_earlier) first = &finding;
  }
  return first;
}

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "pass";
    case Verdict::note:
      return "note";
    case Verdict::skipped:
      return "skipped";
    case Verdict::ask:
      return "ask";
    case Verdict::warn:
      return "warn";
    case Verdict::fail:
      return "fail";
  }
  return "fail";
}

std::string_view to_string(Section section) {
  switch (section) {
    case Section::server:
      return "server";
    case Section::configuration:
      return "configuration";
    case Section::pages:
      return "pages";
    case Section::api:
      return "api";
    case Section::tokens:
      return "tokens";
    case Section::navigation:
      return "navigation";
    case Section::logging:
      return "logging";
    case Section::flow:
      return "flow";
  }
  return "flow";
}

std::string_view title_of(Section section) {
  switch (section) {
    case Section::server:
      return "Server and addresses";
    case Section::configuration:
      return "Configuration";
    case Section::pages:
      return "Sign-up, login and the pages behind";
    case Section::api:
      return "API calls";
    case Section::tokens:
      return "Tokens and user data";
    case Section::navigation:
      return "Navigation";
    case Section::logging:
      return "Logging and secrets";
    case Section::flow:
      return "The whole flow";
  }
  return "The whole flow";
}

std::string_view to_string(Report::Kind kind) { return kind == Report::Kind::server ? "server" : "project"; }

}  // namespace latchkey::doctor

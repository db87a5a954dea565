// The report as JUnit XML, as CI servers show it.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "doctor/report/parts.h"
#include "doctor/report/render.h"

namespace latchkey::doctor {
namespace {

void append_xml(std::string& out, std::string_view text) {
  for (const char c : harmless(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\n':
        out += "&#10;";
        break;  // would become a blank in an attribute
      default:
        out += c;
    }
  }
}

void append_attribute(std::string& out, std::string_view name, std::string_view value) {
  out.append(" ").append(name).append("=\"");
  append_xml(out, value);
  out += '"';
}

bool is_failure(const Finding& finding, bool is_strict) {
  return finding.verdict == Verdict::fail || (is_strict && finding.verdict == Verdict::warn);
}

// All that is known, as text.
std::string details_of(const Finding& finding) {
  const Texts texts = texts_of(finding);
  std::string text;
  const auto line = [&](std::string_view label, std::string_view value) {
    if (!value.empty()) text.append(label).append(value).append("\n");
  };
  line("", finding.endpoint);
  line("", finding.evidence);
  for (const Place& place : finding.places) {
    line("", where(place));
    line("    ", place.expression);
  }
  line("Why: ", texts.why);
  line("Fix: ", texts.fix);
  return text;
}

void append_case(std::string& out, const Report& report, const Finding& finding, bool is_strict) {
  const Texts texts = texts_of(finding);
  out += "    <testcase";
  append_attribute(out, "name", finding.id + (finding.endpoint.empty() ? "" : " " + finding.endpoint));
  append_attribute(out, "classname",
                   fmt::format("latchkey.doctor.{}.{}", to_string(report.kind), to_string(texts.section)));
  append_attribute(out, "time", "0");
  if (finding.verdict == Verdict::pass) {
    out += "/>\n";
    return;
  }
  out += ">\n";
  if (is_failure(finding, is_strict)) {
    out += "      <failure";
    append_attribute(out, "message", texts.title);
    append_attribute(out, "type", to_string(finding.verdict));
    out += ">";
    append_xml(out, details_of(finding));
    out += "</failure>\n";
  } else if (finding.verdict == Verdict::skipped || finding.verdict == Verdict::ask) {
    out += "      <skipped";
    append_attribute(out, "message", finding.evidence.empty() ? texts.title : finding.evidence);
    out += "/>\n";
  } else {
    out += "      <system-out>";
    append_xml(out, fmt::format("{}: {}\n{}", to_string(finding.verdict), texts.title, details_of(finding)));
    out += "</system-out>\n";
  }
  out += "    </testcase>\n";
}

struct Counts {
  std::size_t all = 0, failures = 0, skipped = 0;
};

Counts count(const std::vector<const Finding*>& findings, bool is_strict) {
  Counts counts{.all = findings.size()};
  for (const Finding* finding : findings) {
    if (is_failure(*finding, is_strict)) ++counts.failures;
    if (finding->verdict == Verdict::skipped || finding->verdict == Verdict::ask) ++counts.skipped;
  }
  return counts;
}

}  // namespace

std::string render_junit(const Report& report, bool is_strict) {
  const std::vector<SectionFindings> sections = by_section(report);
  Counts total;
  for (const SectionFindings& section : sections) {
    const Counts counts = count(section.findings, is_strict);
    total.all += counts.all;
    total.failures += counts.failures;
    total.skipped += counts.skipped;
  }
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites";
  append_attribute(out, "name", "latchkey doctor " + report.target);
  out += fmt::format(" tests=\"{}\" failures=\"{}\" errors=\"0\" time=\"0\">\n", total.all, total.failures);
  // The schemas want the time without a zone.
  const std::string_view time =
      std::string_view(report.started_at).substr(0, report.started_at.find_first_of(".Z+"));
  for (const SectionFindings& section : sections) {
    const Counts counts = count(section.findings, is_strict);
    out += "  <testsuite";
    append_attribute(out, "name", title_of(section.section));
    out += fmt::format(" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" time=\"0\"", counts.all,
                       counts.failures, counts.skipped);
    if (!time.empty()) append_attribute(out, "timestamp", time);
    out += ">\n";
    for (const Finding* finding : section.findings) append_case(out, report, *finding, is_strict);
    out += "  </testsuite>\n";
  }
  return out + "</testsuites>\n";
}

}  // namespace latchkey::doctor

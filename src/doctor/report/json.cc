// The report for programs: the form of docs/doctor.md.
#include "base/json_text.h"
#include "base/version.h"
#include "doctor/report/parts.h"
#include "doctor/report/render.h"

namespace latchkey::doctor {
namespace {

void write_place(base::JsonWriter& json, const Place& place) {
  json.begin_object()
      .member("file", place.file)
      .member("line", std::int64_t{place.line})
      .member("end_line", std::int64_t{place.end_line < place.line ? place.line : place.end_line})
      .member("expression", place.expression)
      .end_object();
}

void write_finding(base::JsonWriter& json, const Finding& finding) {
  const Texts texts = texts_of(finding);
  json.begin_object()
      .member("id", finding.id)
      .member("verdict", to_string(finding.verdict))
      .member("section", to_string(texts.section))
      .member("title", texts.title)
      .member("evidence", finding.evidence)
      .member("why", texts.why)
      .member("fix", texts.fix)
      .member("endpoint", finding.endpoint)
      .member("project_wide", finding.project_wide);
  json.key("places").begin_array();
  for (const Place& place : finding.places) write_place(json, place);
  json.end_array().end_object();
}

void write_summary(base::JsonWriter& json, const Report& report) {
  json.begin_object();
  for (const Verdict verdict :
       {Verdict::pass, Verdict::fail, Verdict::warn, Verdict::note, Verdict::skipped, Verdict::ask})
    json.member(to_string(verdict), static_cast<std::int64_t>(report.count(verdict)));
  json.key("first_to_fix");
  if (const Finding* first = report.first_to_fix(); first != nullptr) {
    json.value(first->id);
  } else {
    json.null();
  }
  json.end_object();
}

}  // namespace

std::string render_json(const Report& report) {
  std::string text;
  base::JsonWriter json(text);
  json.begin_object()
      .member("tool", "latchkey doctor")
      .member("version", base::version())
      .member("kind", to_string(report.kind))
      .member("target", report.target)
      .member("started_at", report.started_at);
  write_summary(json.key("summary"), report);
  json.key("findings").begin_array();
  for (const Finding& finding : report.findings) write_finding(json, finding);
  json.end_array();
  json.key("problems").begin_array();
  for (const std::string& problem : report.problems) json.value(problem);
  json.end_array();
  json.key("flow").raw(report.flow_json.empty() ? "{}" : std::string_view(report.flow_json));
  json.end_object();
  return text;
}

}  // namespace latchkey::doctor

// The report as SARIF 2.1.0 (OASIS), in the way GitHub code scanning takes it: each result has one place, and
// a fingerprint that stays when lines move.
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_text.h"
#include "base/version.h"
#include "doctor/report/parts.h"
#include "doctor/report/render.h"

namespace latchkey::doctor {
namespace {

constexpr std::string_view kSchema =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

bool is_result(const Finding& finding) {
  return finding.verdict == Verdict::fail || finding.verdict == Verdict::warn ||
         finding.verdict == Verdict::note;
}

std::string_view level_of(Verdict verdict) {
  if (verdict == Verdict::fail) return "error";
  return verdict == Verdict::warn ? "warning" : "note";
}

// FNV-1a, which is the same everywhere and for ever.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash;
}

// A path as a relative reference of a URI (RFC 3986).
std::string uri_of(std::string_view base, std::string_view path) {
  std::string whole(base);
  if (!whole.empty() && !whole.ends_with('/')) whole += '/';
  whole += path;
  std::string uri;
  for (const char c : whole) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          std::string_view("-._~/").find(c) != std::string_view::npos;
    if (is_plain) {
      uri += c;
    } else {
      uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return uri;
}

// Where a finding about a server is shown: there must be a file, so it is one that cannot be taken for
// source.
std::string file_of_endpoint(const Finding& finding) {
  std::string name = "latchkey-doctor/server";
  const std::size_t path = finding.endpoint.find('/');
  if (path != std::string::npos) name += finding.endpoint.substr(path);
  while (name.ends_with('/')) name.pop_back();
  return name;
}

void write_text(base::JsonWriter& json, std::string_view name, std::string_view text) {
  json.key(name).begin_object().member("text", harmless(text)).end_object();
}

class SarifWriter {
 public:
  SarifWriter(const Report& report, std::string_view base) : report_(report), base_(base), json_(text_) {}

  std::string write() {
    for (const Finding& finding : report_.findings) {
      const CheckInfo* check = find_check(finding.id);
      if (check != nullptr && is_result(finding) && std::ranges::find(rules_, check) == rules_.end())
        rules_.push_back(check);
    }
    json_.begin_object().member("$schema", kSchema).member("version", "2.1.0");
    json_.key("runs").begin_array().begin_object();
    write_tool();
    write_automation();
    write_invocation();
    json_.member("columnKind", "utf16CodeUnits");
    json_.key("results").begin_array();
    for (const Finding& finding : report_.findings) {
      if (is_result(finding)) write_finding(finding);
    }
    json_.end_array();
    json_.end_object().end_array().end_object();
    return std::move(text_);
  }

 private:
  void write_tool() {
    json_.key("tool").begin_object().key("driver").begin_object();
    json_.member("name", "Latchkey doctor").member("version", base::version());
    json_.key("rules").begin_array();
    for (const CheckInfo* rule : rules_) write_rule(*rule);
    json_.end_array().end_object().end_object();
  }

  void write_rule(const CheckInfo& rule) {
    json_.begin_object().member("id", rule.id).member("name", rule.id);
    write_text(json_, "shortDescription", rule.title);
    write_text(json_, "fullDescription", rule.why);
    json_.key("help").begin_object();
    json_.member("text", fmt::format("{}\n\nFix: {}", rule.why, rule.fix));
    json_.member("markdown", fmt::format("{}\n\n**Fix:** {}", markdown(rule.why), markdown(rule.fix)));
    json_.end_object();
    json_.key("defaultConfiguration").begin_object().member("level", level_of(rule.severity)).end_object();
    json_.key("properties").begin_object();
    json_.key("tags").begin_array().value("authentication").value(to_string(rule.section)).end_array();
    json_.member("precision", "high").end_object();
    json_.end_object();
  }

  // `<`, `>` and what Markdown takes for marks, shown as they are.
  static std::string markdown(std::string_view text) {
    std::string out;
    for (const char c : text) {
      if (std::string_view("\\`*_[]<>#|").find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
    return out;
  }

  // Runs of the same kind replace each other at GitHub; those of another kind stay.
  void write_automation() {
    json_.key("automationDetails").begin_object();
    json_.member("id", fmt::format("latchkey-doctor/{}/", to_string(report_.kind))).end_object();
  }

  void write_invocation() {
    json_.key("invocations").begin_array().begin_object().member("executionSuccessful", true);
    if (!report_.started_at.empty()) json_.member("startTimeUtc", report_.started_at);
    json_.key("toolExecutionNotifications").begin_array();
    for (const std::string& problem : report_.problems) {
      json_.begin_object().member("level", "warning");
      write_text(json_, "message", problem);
      json_.end_object();
    }
    json_.end_array().end_object().end_array();
  }

  void write_finding(const Finding& finding) {
    // A habit repeated forty times is forty places to change; an absence is one.
    if (finding.places.empty() || finding.project_wide) {
      write_result(finding, finding.places.empty() ? nullptr : &finding.places.front());
      return;
    }
    for (const Place& place : finding.places) write_result(finding, &place);
  }

  void write_result(const Finding& finding, const Place* place) {
    const Texts texts = texts_of(finding);
    json_.begin_object().member("ruleId", finding.id);
    const auto rule = std::ranges::find(rules_, finding.id, [](const CheckInfo* check) { return check->id; });
    if (rule != rules_.end()) json_.member("ruleIndex", static_cast<std::int64_t>(rule - rules_.begin()));
    json_.member("level", level_of(finding.verdict));
    std::string message(texts.title);
    message += '.';
    if (!finding.evidence.empty()) message.append(" ").append(finding.evidence);
    if (!texts.fix.empty()) message.append("\nFix: ").append(texts.fix);
    write_text(json_, "message", message);
    json_.key("locations").begin_array();
    write_location(finding, place);
    json_.end_array();
    write_fingerprints(finding, place);
    json_.end_object();
  }

  void write_location(const Finding& finding, const Place* place) {
    json_.begin_object();
    json_.key("physicalLocation").begin_object();
    json_.key("artifactLocation").begin_object();
    json_.member("uri",
                 place != nullptr ? uri_of(base_, place->file) : uri_of("", file_of_endpoint(finding)));
    json_.member("uriBaseId", "%SRCROOT%").end_object();
    const std::int64_t line = place != nullptr && place->line > 0 ? place->line : 1;
    json_.key("region").begin_object().member("startLine", line);
    if (place != nullptr && place->end_line > line) json_.member("endLine", std::int64_t{place->end_line});
    if (place != nullptr && !place->expression.empty()) write_text(json_, "snippet", place->expression);
    json_.end_object().end_object();
    if (!finding.endpoint.empty()) {
      json_.key("logicalLocations").begin_array().begin_object();
      json_.member("fullyQualifiedName", harmless_line(finding.endpoint)).member("kind", "resource");
      json_.end_object().end_array();
    }
    json_.end_object();
  }

  // The same rule on the same text in the same file is told apart by counting.
  void write_fingerprints(const Finding& finding, const Place* place) {
    std::string text = finding.id + '\n' + finding.endpoint;
    if (place != nullptr) text.append("\n").append(place->file).append("\n").append(place->expression);
    const std::uint64_t hash = hash_of(text);
    const std::string print = fmt::format("{:016x}:{}", hash, ++seen_[hash]);
    json_.key("partialFingerprints").begin_object();
    json_.member("primaryLocationLineHash", print).member("latchkeyDoctor/v1", print);
    json_.end_object();
  }

  const Report& report_;
  std::string_view base_;
  std::string text_;
  base::JsonWriter json_;
  std::vector<const CheckInfo*> rules_;
  std::map<std::uint64_t, int> seen_;
};

}  // namespace

std::string render_sarif(const Report& report, std::string_view base) {
  return SarifWriter(report, base).write();
}

}  // namespace latchkey::doctor

// What the doctor says: findings, and the report that holds them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::doctor {

enum class Verdict : std::uint8_t { pass, note, skipped, ask, warn, fail };

// The sections of FlutterFlow's troubleshooting guide, in its order.
enum class Section : std::uint8_t { server, configuration, pages, api, tokens, navigation, logging, flow };

struct Place {
  std::string file = {};
  std::uint32_t line = 0;  // where the expression starts, from 1
  std::uint32_t end_line = 0;
  std::string expression = {};  // on one line, secrets shortened
};

// One check and what came of it. A finding a rule, with all its places.
struct Finding {
  std::string id = {};
  Verdict verdict = Verdict::pass;
  std::string evidence = {};  // what was seen, redacted; of `ask` a question that yes answers well
  std::string fix = {};       // replaces the catalogue's when not empty
  std::string endpoint = {};  // `POST /login`, empty when it is about none
  std::vector<Place> places = {};
  bool project_wide = false;  // about an absence: the place is an anchor
};

// What a check looks at.
enum class About : std::uint8_t { project, server, join };  // join: a project against the answers of a server

// A line of the catalogue, src/doctor/checks.def, which is the only place where these stand.
struct CheckInfo {
  std::string_view id;
  About about = About::project;
  Verdict severity = Verdict::fail;  // the verdict when it does not pass
  Section section = Section::server;
  std::string_view topic;  // the subject, for one that passes or could not run: "Caching of the login"
  std::string_view title;  // what is wrong, as one says it: "The login's answer is cached"
  std::string_view why;    // what it does to the people who use the app
  std::string_view fix;    // where to click, or what to change on the server
};

// Null when there is none.
const CheckInfo* find_check(std::string_view id);
// In the order of the report: by section, and in each what comes first in the chain first.
std::span<const CheckInfo> all_checks();

// Findings, of a server, of a project, or of both. The order of `findings` is up to whoever fills it; sort()
// brings them into that of the catalogue.
struct Report {
  enum class Kind : std::uint8_t { server, project } kind = Kind::server;
  std::string target = {};      // as the person gave it, without credentials
  std::string started_at = {};  // ISO 8601, UTC
  std::vector<Finding> findings = {};
  std::vector<std::string> problems = {};  // what could not be looked at, in words: files left out, say
  std::string flow_json = {};              // an object; empty when nothing was found
  std::string flow_text = {};              // the same drawn for a terminal

  // By the catalogue's order, those without an entry last; equal ones stay in theirs.
  void sort();
  std::size_t count(Verdict verdict) const;
  // The finding to begin with: the first fail in the catalogue's order (what comes first in the chain breaks
  // the rest), else the first warn. Null when there is neither.
  const Finding* first_to_fix() const;
};

std::string_view to_string(Verdict verdict);
std::string_view to_string(Section section);  // "api"
std::string_view title_of(Section section);   // "API calls"
std::string_view to_string(Report::Kind kind);

}  // namespace latchkey::doctor

// Every form against the file of what it should be: src/doctor/report/golden. With LATCHKEY_UPDATE_GOLDEN set
// the files are written again, to be looked at before they are committed.
#include "doctor/report/render.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "base/json_reader.h"
#include "base/version.h"
#include "doctor/report/parts.h"

namespace latchkey::doctor {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;
using ::testing::Not;

// A project with something of everything.
Report project_report() {
  Report report{.kind = Report::Kind::project, .target = "notes_app", .started_at = "2026-01-02T03:04:05Z"};
  report.findings = {
      {.id = "no_bearer"},
      {.id = "body_unescaped",
       .verdict = Verdict::fail,
       .evidence = "LoginCall and SignUpCall put text variables raw into their JSON bodies: email, password.",
       .places = {{.file = "lib/backend/api_requests/api_calls.dart",
                   .line = 34,
                   .end_line = 34,
                   .expression = "\"password\": \"${password}\""},
                  {.file = "lib/backend/api_requests/api_calls.dart",
                   .line = 71,
                   .end_line = 73,
                   .expression = "\"email\": \"${email}\""}}},
      {.id = "auth_call_cached"},
      {.id = "password_in_url"},
      {.id = "update_wipes_session",
       .verdict = Verdict::fail,
       .evidence = "refreshToken, tokenExpiration and authUid are left out.",
       .places = {{.file = "lib/profile/profile_widget.dart",
                   .line = 210,
                   .end_line = 212,
                   .expression = "authManager.updateAuthUserData(authenticationToken: …)"}}},
      {.id = "no_protected_pages",
       .verdict = Verdict::warn,
       .evidence = "None of 12 routes has requireAuth.",
       .places =
           {{.file = "lib/flutter_flow/nav/nav.dart", .line = 80, .end_line = 80, .expression = "routes: ["}},
       .project_wide = true},
      {.id = "missing_sign_up", .verdict = Verdict::note, .evidence = "No call of a registration was found."},
      {.id = "no_refresh_call", .verdict = Verdict::skipped, .evidence = "no call gives a refresh token"},
      {.id = "interceptor_no_single_flight",
       .verdict = Verdict::skipped,
       .evidence = "there is no interceptor"},
      {.id = "bearer_not_passed", .verdict = Verdict::skipped, .evidence = "there is no interceptor"},
      {.id = "private_call_firebase",
       .verdict = Verdict::ask,
       .evidence = "Is Require Authentication off for the private call Login?"},
      {.id = "hardcoded_secret",
       .verdict = Verdict::fail,
       .evidence = "A JWT and 11 more of them.",
       .fix = "Take it out of the header's default value."},
  };
  for (std::uint32_t i = 1; i <= 12; ++i)
    report.findings.back().places.push_back(
        {.file = "lib/a.dart", .line = i, .end_line = i, .expression = "'eyJhbG…'"});
  report.problems = {"lib/broken.dart: 2 places could not be understood"};
  report.flow_json = R"({"entry_page":"Login"})";
  report.flow_text = "Login ── POST /login → Log in (token, uid)\n  └─ goNamedAuth → Home";
  report.sort();
  return report;
}

Report server_report() {
  Report report{.kind = Report::Kind::server,
                .target = "https://api.example.com/v1",
                .started_at = "2026-01-02T03:04:05.250Z"};
  report.findings = {
      {.id = "dns"},
      {.id = "cors_preflight",
       .verdict = Verdict::fail,
       .evidence = "OPTIONS answered 405 without CORS headers.",
       .endpoint = "POST /v1/login"},
      {.id = "cors_preflight",
       .verdict = Verdict::fail,
       .evidence = "OPTIONS answered 405 without CORS headers.",
       .endpoint = "GET /v1/me"},
      {.id = "rate_limited",
       .verdict = Verdict::warn,
       .evidence = "Five tries with a wrong password, all answered 401."},
  };
  return report;
}

// What a stranger would write who wants to get out of the text he stands in.
Report hostile_report() {
  static constexpr char kNasty[] =
      "</style><script>alert('1')</script>\"&quot; ]]> \x1b[2J\x07 \xff\xc3 \xe2\x80\xae\x00 nul";
  const std::string nasty(kNasty, sizeof kNasty - 1);
  Report report{.kind = Report::Kind::project, .target = nasty, .started_at = "2026-01-02T03:04:05Z"};
  for (const Verdict verdict :
       {Verdict::fail, Verdict::warn, Verdict::note, Verdict::ask, Verdict::pass, Verdict::skipped})
    report.findings.push_back({.id = "token_logged",
                               .verdict = verdict,
                               .evidence = nasty,
                               .fix = nasty,
                               .endpoint = nasty,
                               .places = {{.file = nasty, .line = 1, .end_line = 2, .expression = nasty}}});
  report.findings.push_back({.id = nasty, .verdict = Verdict::fail});
  report.problems = {nasty};
  report.flow_text = nasty;
  return report;
}

std::string replace_all(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t i = 0; (i = text.find(from, i)) != std::string::npos; i += to.size())
    text.replace(i, from.size(), to);
  return text;
}

void expect_golden(const std::string& name, const std::string& text) {
  const std::string actual = replace_all(text, base::version(), "VERSION");
  const std::string path = std::string(LATCHKEY_SOURCE_DIR) + "/src/doctor/report/golden/" + name;
  if (std::getenv("LATCHKEY_UPDATE_GOLDEN") != nullptr) std::ofstream(path, std::ios::binary) << actual;
  std::ifstream file(path, std::ios::binary);
  std::stringstream expected;
  expected << file.rdbuf();
  EXPECT_EQ(actual, expected.str()) << path;
}

json::value parsed(const std::string& text) {
  auto value = base::parse_json(text);
  EXPECT_TRUE(value) << text;
  return value.value_or(nullptr);
}

TEST(RenderGolden, text) {
  expect_golden("project.txt", render_text(project_report(), {}));
  expect_golden("server.txt", render_text(server_report(), {.has_unicode = false, .width = 60}));
  expect_golden("colour.txt", render_text(server_report(), {.has_colour = true}));
}

TEST(RenderGolden, json) { expect_golden("project.json", render_json(project_report())); }

TEST(RenderGolden, html) {
  expect_golden("project.html", render_html(project_report()));
  expect_golden("server.html", render_html(server_report()));
}

TEST(RenderGolden, junit) {
  expect_golden("project.junit.xml", render_junit(project_report(), false));
  expect_golden("server.strict.junit.xml", render_junit(server_report(), true));
}

TEST(RenderGolden, sarif) {
  expect_golden("project.sarif", render_sarif(project_report(), "apps/notes"));
  expect_golden("server.sarif", render_sarif(server_report(), ""));
}

TEST(Formats, have_names) {
  EXPECT_EQ(parse_format("sarif"), Format::sarif);
  EXPECT_EQ(parse_format("text"), Format::text);
  EXPECT_EQ(parse_format("pdf"), std::nullopt);
}

TEST(RenderText, an_empty_report_says_so) {
  EXPECT_THAT(render_text({}, {}), HasSubstr("Nothing was checked."));
  Report good;
  good.findings = {{.id = "dns"}};
  EXPECT_THAT(render_text(good, {}), HasSubstr("Nothing to fix."));
}

TEST(RenderText, keeps_to_the_width_and_to_ascii) {
  Report report = project_report();
  for (Finding& finding : report.findings) finding.places.clear();
  report.flow_text.clear();
  const std::string text = render_text(report, {.has_unicode = false, .width = 50});
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    // The id stands behind the title, whatever its length.
    if (line.find("  ") == 0 && line.rfind("  ") > 4) line.resize(line.rfind("  "));
    EXPECT_LE(line.size(), 50U) << line;
  }
  EXPECT_TRUE(std::ranges::all_of(text, [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); })) << text;
}

TEST(RenderText, lists_a_few_of_many_places) {
  const std::string text = render_text(project_report(), {});
  EXPECT_THAT(text, HasSubstr("lib/a.dart:8\n"));
  EXPECT_THAT(text, Not(HasSubstr("lib/a.dart:9\n")));
  EXPECT_THAT(text, HasSubstr("4 more places"));
}

TEST(RenderText, nothing_of_a_stranger_steers_the_terminal) {
  const std::string text = render_text(hostile_report(), {});
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, Not(HasSubstr("\x07")));
  EXPECT_THAT(text, Not(HasSubstr("\xff")));
  EXPECT_THAT(text, Not(HasSubstr("\xe2\x80\xae")));
  EXPECT_EQ(text.find('\0'), std::string::npos);
}

TEST(RenderHtml, nothing_of_a_stranger_gets_out_of_its_text) {
  const std::string page = render_html(hostile_report());
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("alert('")));
  EXPECT_EQ(page.find("</style>"), page.rfind("</style>"));
  for (const char c : page) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
  // Attributes hold our own words and numbers only.
  EXPECT_THAT(page, Not(HasSubstr("id=\"finding-<")));
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
}

TEST(RenderHtml, loads_and_runs_nothing) {
  const std::string page = render_html(project_report());
  for (const char* part :
       {"http://", "https://", "<script", "<link", "<img", "@import", "url(", "javascript:"})
    EXPECT_THAT(page, Not(HasSubstr(part)));
}

TEST(RenderJunit, holds_no_character_that_xml_forbids) {
  const std::string xml = render_junit(hostile_report(), true);
  for (const char c : xml) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
  EXPECT_THAT(xml, Not(HasSubstr("<script")));
  EXPECT_THAT(xml, Not(HasSubstr("]]>")));
  EXPECT_THAT(xml, Not(HasSubstr("\xff")));
}

TEST(RenderJunit, a_warning_fails_only_when_strict) {
  EXPECT_THAT(render_junit(server_report(), false),
              HasSubstr("tests=\"4\" failures=\"2\" errors=\"0\" time=\"0\">"));
  EXPECT_THAT(render_junit(server_report(), true),
              HasSubstr("tests=\"4\" failures=\"3\" errors=\"0\" time=\"0\">"));
}

TEST(RenderJson, is_json_whatever_a_stranger_wrote) {
  const json::value report = parsed(render_json(hostile_report()));
  EXPECT_EQ(report.at("summary").at("fail").as_int64(), 2);
  EXPECT_EQ(report.at("summary").at("first_to_fix").as_string(), "token_logged");
  EXPECT_TRUE(report.at("flow").as_object().empty());
  EXPECT_TRUE(parsed(render_json({})).at("summary").at("first_to_fix").is_null());
}

// The lines below the fingerprints move, the fingerprints do not.
TEST(RenderSarif, fingerprints_stay_when_lines_move) {
  const auto prints = [](const Report& report) {
    std::vector<std::string> all;
    const json::value log = parsed(render_sarif(report, ""));
    for (const json::value& result : log.at("runs").at(0).at("results").as_array())
      all.emplace_back(result.at("partialFingerprints").at("primaryLocationLineHash").as_string());
    return all;
  };
  const Report report = project_report();
  Report moved = report;
  for (Finding& finding : moved.findings)
    for (Place& place : finding.places) place.line += 100;
  EXPECT_EQ(prints(report), prints(moved));
  std::vector<std::string> all = prints(report);
  std::ranges::sort(all);
  EXPECT_EQ(std::ranges::adjacent_find(all), all.end()) << "two results share a fingerprint";
}

TEST(RenderSarif, every_result_has_a_rule_and_a_place_inside_the_repository) {
  for (const Report& report : {project_report(), server_report(), hostile_report()}) {
    const json::value log = parsed(render_sarif(report, "apps/notes"));
    const json::value& run = log.at("runs").at(0);
    for (const json::value& result : run.at("results").as_array()) {
      if (result.as_object().contains("ruleIndex")) {
        const auto index = static_cast<std::size_t>(result.at("ruleIndex").as_int64());
        EXPECT_EQ(run.at("tool").at("driver").at("rules").at(index).at("id"), result.at("ruleId"));
      }
      ASSERT_EQ(result.at("locations").as_array().size(), 1U);
      const json::value& physical = result.at("locations").at(0).at("physicalLocation");
      const std::string uri(physical.at("artifactLocation").at("uri").as_string());
      EXPECT_EQ(uri.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/%"),
                uri.npos)
          << uri;
      EXPECT_FALSE(uri.starts_with('/'));
      EXPECT_GE(physical.at("region").at("startLine").as_int64(), 1);
    }
  }
}

TEST(Parts, next_character_reads_utf8_and_nothing_else) {
  const auto characters = [](std::string_view text) {
    std::u32string all;
    for (std::size_t i = 0; i < text.size();) all += next_character(text, i);
    return all;
  };
  EXPECT_EQ(characters("aé€😀"), U"aé€😀");
  EXPECT_EQ(characters("\xc0\xaf"), U"\uFFFD\uFFFD") << "overlong";
  EXPECT_EQ(characters("\xe0\x80\xaf"), U"\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(characters("\xed\xa0\x80"), U"\uFFFD\uFFFD\uFFFD") << "surrogate";
  EXPECT_EQ(characters("\xf4\x90\x80\x80"), U"\uFFFD\uFFFD\uFFFD\uFFFD") << "above the last one";
  EXPECT_EQ(characters("\xe2\x82"), U"\uFFFD\uFFFD") << "cut off";
  std::string again;
  for (const char32_t character : U"aé€😀") {
    if (character != 0) append_utf8(again, character);
  }
  EXPECT_EQ(again, "aé€😀");
}

TEST(Parts, where_names_lines_that_are_there) {
  EXPECT_EQ(where({.file = "a.dart"}), "a.dart");
  EXPECT_EQ(where({.file = "a.dart", .line = 3, .end_line = 3}), "a.dart:3");
  EXPECT_EQ(where({.file = "a.dart", .line = 3}), "a.dart:3");
  EXPECT_EQ(where({.file = "a.dart", .line = 3, .end_line = 5}), "a.dart:3-5");
}

}  // namespace
}  // namespace latchkey::doctor

// The project doctor on the YAML of the Project API.
#include "doctor/project/yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "doctor/project/analyse.h"

namespace latchkey::doctor {
namespace {

using ::testing::HasSubstr;

using Files = std::map<std::string, std::string>;

// A small project on which no rule fires.
Files clean_files() {
  return {
      {"app-details.yaml",
       "name: Small\nauthPageInfo:\n  homePageNodeKeyRef:\n    key: Scaffold_home\n  signInPageNodeKeyRef:\n"
       "    key: Scaffold_login\n"},
      {"authentication.yaml", "active: true\n"},
      {"app-state.yaml",
       "fields:\n  - parameter:\n      identifier:\n        name: theme\n        key: th3m3\n    persisted: "
       "true\n"},
      {"page/id-Scaffold_login.yaml", "name: Login\n"},
      {"page/id-Scaffold_home.yaml", "name: Home\n"},
      {"page/id-Scaffold_login/page-widget-tree-outline.yaml", "name: no page\n"},
      {"page/id-Scaffold_login/trigger_actions/id-Button/ON_TAP/action/id-1.yaml",
       "apiCall:\n  endpoint:\n    identifier:\n      name: Login\n      key: l0g1n\n"},
      {"page/id-Scaffold_home/trigger_actions/id-Button/ON_TAP/action/id-2.yaml",
       "apiCall:\n  endpoint:\n    identifier:\n      name: Profile\n      key: pr0f1\n"},
      {"api-endpoint/id-l0g1n.yaml",
       "identifier:\n  name: Login\n  key: l0g1n\nurl: https://api.small.example/login\ncallType: POST\n"
       "variables:\n  - identifier:\n      name: email\n      key: e1\n    type: String\n"
       "  - identifier:\n      name: password\n      key: p1\n    type: String\n"
       "bodyType: JSON\nbody: \"{\\\"email\\\": \\\"<email>\\\", \\\"password\\\": \\\"<password>\\\"}\"\n"
       "jsonPathDefinitions:\n  - identifier:\n      name: token\n      key: t1\n    jsonPath:\n"
       "      jsonPath: $.access_token\nendpointSettings:\n  escapeVariablesInRequestBody: true\n"},
      {"api-endpoint/id-pr0f1.yaml",
       "identifier:\n  name: Profile\n  key: pr0f1\nurl: https://api.small.example/me\ncallType: GET\n"
       "headers:\n  - \"Authorization: Bearer [token]\"\nvariables:\n  - identifier:\n      name: token\n"
       "      key: t2\n    type: String\n"},
  };
}

flutterflow::SourceTree tree_of(const Files& files) {
  flutterflow::SourceTree tree;
  tree.is_project_yaml = true;
  for (const auto& [path, text] : files) tree.files.push_back({.path = path, .text = text});
  return tree;
}

void replace(std::string& text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  if (at == std::string::npos) throw std::runtime_error("not there: " + std::string(from));
  text.replace(at, from.size(), to);
}

std::string fired(const Report& report) {
  std::string text;
  for (const Finding& finding : report.findings) {
    if (finding.verdict != Verdict::pass && finding.verdict != Verdict::skipped)
      text.append(text.empty() ? "" : ", ").append(finding.id);
  }
  return text;
}

TEST(ProjectYaml, clean_one_fires_nothing_and_says_what_it_cannot_see) {
  const Report report = analyse_project(tree_of(clean_files())).report;
  EXPECT_EQ(fired(report), "");
  EXPECT_THAT(report.problems, ::testing::IsEmpty());
  EXPECT_GT(report.count(Verdict::pass), 10U);
  for (const Finding& finding : report.findings) {
    if (finding.verdict != Verdict::skipped) continue;
    EXPECT_THAT(finding.evidence, HasSubstr("code")) << finding.id;
  }
  EXPECT_THAT(report.flow_text, HasSubstr("Entry page Login   Logged-in page Home   Pages: 2"));
  EXPECT_THAT(report.flow_text, HasSubstr("login: Login  POST https://api.small.example/login"));
  EXPECT_THAT(report.flow_text, HasSubstr("token <- $.access_token"));
  EXPECT_THAT(report.flow_json, HasSubstr(R"("entry_page":"Login")"));
}

struct Wrong {
  std::string id;
  std::string file;
  unsigned line = 0;
  std::string from;
  std::string to;
};

class OneThingInYaml : public ::testing::TestWithParam<Wrong> {};

TEST_P(OneThingInYaml, fires_where_it_stands) {
  const Wrong& wrong = GetParam();
  Files files = clean_files();
  replace(files.at(wrong.file), wrong.from, wrong.to);
  const Report report = analyse_project(tree_of(files)).report;
  ASSERT_EQ(fired(report), wrong.id);
  for (const Finding& finding : report.findings) {
    if (finding.id != wrong.id) continue;
    EXPECT_EQ(finding.verdict, find_check(wrong.id)->severity);
    ASSERT_EQ(finding.places.size(), 1U);
    EXPECT_EQ(finding.places[0].file, wrong.file);
    EXPECT_EQ(finding.places[0].line, wrong.line);
  }
}

constexpr std::string_view kLoginFile = "api-endpoint/id-l0g1n.yaml";

INSTANTIATE_TEST_SUITE_P(
    Rules, OneThingInYaml,
    ::testing::Values(
        Wrong{"auth_pages_not_set", "app-details.yaml", 5, "Scaffold_login", "Scaffold_gone"},
        Wrong{"entry_equals_logged_in", "app-details.yaml", 2, "Scaffold_home", "Scaffold_login"},
        Wrong{"http_cleartext", std::string(kLoginFile), 4, "https://api", "http://api"},
        Wrong{"dev_host", std::string(kLoginFile), 4, "https://api.small.example", "http://10.0.2.2:3000"},
        Wrong{"body_unescaped", std::string(kLoginFile), 16, "escapeVariablesInRequestBody: true",
              "cached: false"},
        Wrong{"password_in_url", std::string(kLoginFile), 4, "/login", "/login?password=[password]"},
        Wrong{"auth_call_cached", std::string(kLoginFile), 24, "endpointSettings:\n",
              "endpointSettings:\n  cached: true\n"},
        Wrong{"private_call_firebase", std::string(kLoginFile), 24, "endpointSettings:\n",
              "endpointSettings:\n  isPrivateApi: true\n"},
        Wrong{"bearer_without_scheme", "api-endpoint/id-pr0f1.yaml", 7, "Bearer [token]", "[token]"},
        Wrong{"hardcoded_secret", "api-endpoint/id-pr0f1.yaml", 7, "headers:\n",
              "headers:\n  - \"X-Key: sk_live_0123456789abcdefABCDEF\"\n"},
        Wrong{"password_stored", "app-state.yaml", 4, "theme", "password"}),
    [](const auto& tested) { return tested.param.id; });

TEST(ProjectYaml, what_is_used_nowhere_is_not_judged) {
  Files files = clean_files();
  replace(files.at(std::string(kLoginFile)), "https://api", "http://api");
  files.erase("page/id-Scaffold_login/trigger_actions/id-Button/ON_TAP/action/id-1.yaml");
  const Report report = analyse_project(tree_of(files)).report;
  EXPECT_EQ(fired(report), "");
  EXPECT_THAT(report.flow_text, HasSubstr("(used nowhere)"));
}

TEST(ProjectYaml, authentication_that_is_off_is_one_note) {
  Files files = clean_files();
  files["authentication.yaml"] = "active: false\n";
  const Report report = analyse_project(tree_of(files)).report;
  ASSERT_EQ(report.findings.size(), 1U);
  EXPECT_EQ(report.findings[0].id, "not_custom_auth");
}

TEST(ProjectYaml, a_file_that_is_no_yaml_is_told) {
  Files files = clean_files();
  files["page/id-Scaffold_other.yaml"] = "a: [1\nb: }";
  const Report report = analyse_project(tree_of(files)).report;
  EXPECT_EQ(fired(report), "");
  ASSERT_EQ(report.problems.size(), 1U);
  EXPECT_THAT(report.problems[0], HasSubstr("page/id-Scaffold_other.yaml could not be read"));
}

}  // namespace
}  // namespace latchkey::doctor

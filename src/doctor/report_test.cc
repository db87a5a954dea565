#include "doctor/report.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace latchkey::doctor {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// The end of docs/doctor.md is made from the catalogue: `./dev docs` writes it (with LATCHKEY_WRITE_DOCS
// set), this test keeps it true.
TEST(Catalogue, is_what_the_documentation_says) {
  constexpr std::string_view kBegin = "## Checks of a server\n";
  std::string expected;
  for (const auto& [about, title] : std::vector<std::pair<About, std::string_view>>{
           {About::server, kBegin},
           {About::project, "## Checks of a project\n"},
           {About::join, "## Checks of a project against a server\n"}}) {
    expected.append(expected.empty() ? "" : "\n").append(title);
    expected += "\n| id | when not right | what is wrong | what to do |\n| --- | --- | --- | --- |\n";
    for (const CheckInfo& check : all_checks()) {
      if (check.about != about) continue;
      expected += fmt::format("| `{}` | {} | {} | {} |\n", check.id, to_string(check.severity), check.title,
                              check.fix);
    }
  }
  const std::filesystem::path path = std::filesystem::path(LATCHKEY_SOURCE_DIR) / "docs/doctor.md";
  std::stringstream stored;
  stored << std::ifstream(path).rdbuf();
  const std::string page = stored.str();
  const std::size_t begin = page.find(kBegin);
  ASSERT_NE(begin, std::string::npos);
  if (std::getenv("LATCHKEY_WRITE_DOCS") != nullptr) {
    std::ofstream(path) << page.substr(0, begin) << expected;
  } else {
    EXPECT_EQ(page.substr(begin), expected) << "run ./dev docs";
  }
}

TEST(Catalogue, every_check_says_what_why_and_what_to_do) {
  std::set<std::string_view> ids;
  Section last = Section::server;
  for (const CheckInfo& check : all_checks()) {
    SCOPED_TRACE(check.id);
    EXPECT_TRUE(ids.insert(check.id).second) << "twice";
    EXPECT_EQ(find_check(check.id), &check);
    EXPECT_GE(check.section, last) << "stands behind a later section";
    last = check.section;
    EXPECT_TRUE(check.severity == Verdict::fail || check.severity == Verdict::warn ||
                check.severity == Verdict::note);
    EXPECT_FALSE(check.topic.empty());
    EXPECT_LE(check.topic.size(), 45U) << "a topic stands in one line";
    EXPECT_FALSE(check.topic.ends_with('.'));
    EXPECT_FALSE(check.title.empty());
    EXPECT_FALSE(check.title.ends_with('.'));
    EXPECT_TRUE(check.why.ends_with('.'));
    EXPECT_TRUE(check.fix.ends_with('.'));
    for (const std::string_view text : {check.title, check.why, check.fix})
      EXPECT_THAT(std::string(text), Not(HasSubstr("  ")));
  }
  EXPECT_EQ(find_check("nothing_of_that_name"), nullptr);
}

TEST(Catalogue, the_fix_of_a_project_names_a_place) {
  for (const CheckInfo& check : all_checks()) {
    if (check.about != About::project || check.id == "hardcoded_secret") continue;
    EXPECT_TRUE(check.fix.find(" > ") != check.fix.npos || check.fix.find("action") != check.fix.npos ||
                check.fix.find("page") != check.fix.npos)
        << check.id << ": " << check.fix;
  }
}

TEST(Report, sorts_by_the_catalogue) {
  Report report;
  for (const char* id : {"whole_flow", "unheard_of", "token_present", "dns", "body_unescaped"})
    report.findings.push_back({.id = id});
  report.sort();
  std::vector<std::string> ids;
  for (const Finding& finding : report.findings) ids.push_back(finding.id);
  EXPECT_THAT(ids,
              ::testing::ElementsAre("dns", "body_unescaped", "token_present", "whole_flow", "unheard_of"));
}

TEST(Report, begins_with_the_first_fail_of_the_chain) {
  Report report;
  EXPECT_EQ(report.first_to_fix(), nullptr);
  report.findings = {{.id = "dns"}, {.id = "no_expiry", .verdict = Verdict::note}};
  EXPECT_EQ(report.first_to_fix(), nullptr);
  report.findings.push_back({.id = "tls_version", .verdict = Verdict::warn});
  EXPECT_EQ(report.first_to_fix()->id, "tls_version");
  report.findings.push_back({.id = "whole_flow", .verdict = Verdict::fail});
  EXPECT_EQ(report.first_to_fix()->id, "whole_flow");
  report.findings.push_back({.id = "token_present", .verdict = Verdict::fail});
  EXPECT_EQ(report.first_to_fix()->id, "token_present");
  EXPECT_EQ(report.count(Verdict::fail), 2U);
  EXPECT_EQ(report.count(Verdict::ask), 0U);
}

}  // namespace
}  // namespace latchkey::doctor

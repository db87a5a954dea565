// Both halves of the doctor: a small project against a live server, clean and with one difference each.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "doctor/join.h"
#include "doctor/project/testing/clean_app.h"
#include "support/faulty_server.h"
#include "support/probing.h"

namespace latchkey::e2e {
namespace {

using doctor::Finding;
using doctor::Verdict;
using namespace doctor::testing;

void replace_all(CleanApp& app, std::string_view path, std::string_view from, std::string_view to) {
  std::string text = app.tree().find(path)->text;
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  app.set(path, text);
}

// The app as it should be for the server.
CleanApp app_for(const FaultyServer& server) {
  CleanApp app;
  replace_all(app, kCalls, "https://api.small.example", server.url() + "/auth");
  replace_all(app, kCalls, "$.user.id", "$.uid");
  return app;
}

doctor::Report joined(const FaultyServer& server, const CleanApp& app,
                      const std::function<void(doctor::ProbeOptions&)>& change = {}) {
  doctor::Analysis analysis = doctor::analyse_project(app.tree());
  doctor::ProbeOptions options = options_for(server);
  if (change) change(options);
  add_paths_of_project(analysis, options);
  const Probed probed = probe(options);
  join(analysis, options, probed.result);
  return analysis.report;
}

const Finding& finding_of(const doctor::Report& report, std::string_view id) {
  for (const Finding& finding : report.findings) {
    if (finding.id == id) return finding;
  }
  throw std::runtime_error("no finding " + std::string(id));
}

// The join's checks that hold; the address of the test is one of the developer's machine, so dev_host holds
// too.
std::string fired(const doctor::Report& report) {
  std::string text;
  for (const Finding& finding : report.findings) {
    if (!finding.id.starts_with("join_")) continue;
    if (finding.verdict == Verdict::pass || finding.verdict == Verdict::skipped) continue;
    text.append(text.empty() ? "" : ", ").append(finding.id);
  }
  return text;
}

TEST(DoctorJoin, finds_nothing_where_both_fit) {
  const FaultyServer server;
  const doctor::Report report = joined(server, app_for(server));
  EXPECT_EQ(fired(report), "");
  for (const char* id :
       {"join_host_differs", "join_endpoint_differs", "join_header_refused", "join_path_missing",
        "join_type_differs", "join_expiry_differs", "login_found", "whole_flow", "no_bearer"}) {
    EXPECT_EQ(finding_of(report, id).verdict, Verdict::pass) << id << " " << finding_of(report, id).evidence;
  }
}

struct Difference {
  std::string id;
  doctor::testing::Generation generation = Generation::y2025;
  std::function<void(CleanApp&)> make;
  std::string file;
  std::string at;        // stands in the line of its first place
  std::string evidence;  // stands in what is said
  std::set<Fault> faults = {};
  std::function<void(doctor::ProbeOptions&)> options = {};
};

constexpr std::string_view kSnackBar = "SnackBar(content: Text('This did not work.'))";

std::vector<Difference> differences() {
  return {
      {.id = "join_host_differs",
       .make =
           [](CleanApp& app) {
             const std::string text = app.tree().find(kCalls)->text;
             const std::size_t at = text.find("http://127.0.0.1");
             const std::size_t end = text.find("/auth", at);
             replace_all(app, kCalls, text.substr(at, end - at), "https://api.other.example");
           },
       .file = std::string(kCalls),
       .at = "https://api.other.example",
       .evidence = "https://api.other.example"},
      {.id = "join_endpoint_differs",
       .make =
           [](CleanApp& app) {
             app.replace(kCalls, "/refresh'", "/renew-token'");
             app.replace(kCalls, "makeApiCall(\n      callName: 'Refresh'",
                         "makeApiCall( // again\n      callName: 'Refresh'");
           },
       .file = std::string(kCalls),
       .at = "makeApiCall( // again",
       .evidence = "POST /auth/renew-token is answered with 404"},
      {.id = "join_header_missing",
       .make = [](CleanApp&) {},
       .file = std::string(kCalls),
       .at = "class AuthGroup",
       .evidence = "X-Api-Key",
       .options = [](doctor::ProbeOptions& options) { options.headers = {{"X-Api-Key", "abc"}}; }},
      {.id = "join_header_refused",
       .make =
           [](CleanApp& app) {
             app.replace(kCalls, "callName: 'Login',", "callName: 'Login', // first");
             const std::string text = app.tree().find(kCalls)->text;
             const std::size_t at = text.find("headers: {", text.find("// first"));
             app.set(kCalls,
                     text.substr(0, at) + "headers: {\n        'X-App': 'small'," + text.substr(at + 10));
           },
       .file = std::string(kCalls),
       .at = "'X-App': 'small'",
       .evidence = "not x-app"},
      {.id = "join_path_missing",
       .make = [](CleanApp& app) { replace_all(app, kCalls, "$.access_token", "$.data.token"); },
       .file = std::string(kHome),
       .at = "authenticationToken: AuthGroup.refreshCall.token(",
       .evidence = "$.access_token"},
      {.id = "join_type_differs",
       .make = [](CleanApp&) {},
       .file = std::string(kHome),
       .at = "authUid: AuthGroup.refreshCall.uid(",
       .evidence = "a number, and the app reads it as a text",
       .faults = {Fault::uid_is_number}},
      {.id = "join_expiry_differs",
       .make =
           [](CleanApp& app) {
             for (const std::string_view page : {kLogin, kSignUp, kHome})
               replace_all(app, page, "dateTimeFromSecondsSinceEpoch(",
                           "DateTime.fromMillisecondsSinceEpoch(");
           },
       .file = std::string(kHome),
       .at = "tokenExpiration:",
       .evidence = "milliseconds"},
      {.id = "join_message_missing",
       .make =
           [](CleanApp& app) {
             app.replace(kLogin, kSnackBar,
                         "SnackBar(content: Text(getJsonField((_model.apiResult?.jsonBody ?? ''), "
                         "r'''$.error.text''').toString()))");
           },
       .file = std::string(kLogin),
       .at = "$.error.text",
       .evidence = "nothing at $.error.text"},
  };
}

class DoctorJoinDifference : public testing::TestWithParam<Difference> {};

TEST_P(DoctorJoinDifference, is_found_where_it_stands) {
  const Difference& difference = GetParam();
  const FaultyServer server(difference.faults);
  CleanApp app = app_for(server);
  difference.make(app);
  const doctor::Report report = joined(server, app, difference.options);
  EXPECT_EQ(fired(report), difference.id);
  const Finding& finding = finding_of(report, difference.id);
  EXPECT_EQ(finding.verdict, doctor::find_check(difference.id)->severity);
  EXPECT_THAT(finding.evidence, testing::HasSubstr(difference.evidence));
  ASSERT_FALSE(finding.places.empty());
  EXPECT_EQ(finding.places[0].file, difference.file);
  EXPECT_EQ(finding.places[0].line, app.line_of(difference.file, difference.at))
      << finding.places[0].expression;
}

INSTANTIATE_TEST_SUITE_P(DoctorJoin, DoctorJoinDifference, testing::ValuesIn(differences()),
                         [](const auto& tested) { return tested.param.id; });

TEST(DoctorJoin, never_asks_the_host_that_the_project_names) {
  const FaultyServer named;
  const FaultyServer tested;
  const CleanApp app = app_for(named);
  const doctor::Report report = joined(tested, app);
  EXPECT_TRUE(named.seen().empty());
  EXPECT_FALSE(tested.seen().empty());
  EXPECT_EQ(fired(report), "join_host_differs");
}

}  // namespace
}  // namespace latchkey::e2e

// The doctor as a person runs it: the program, its reports, its exit codes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/testing/fakes.h"
#include "doctor/project/testing/clean_app.h"
#include "support/faulty_server.h"
#include "support/process.h"

namespace latchkey::e2e {
namespace {

namespace json = boost::json;
using namespace doctor::testing;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct Outcome {
  int exit_code = -1;
  std::string out, err;
};

class DoctorCommand : public testing::Test {
 protected:
  Outcome run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {LATCHKEY_BINARY, "doctor"});
    Process process(arguments, folder_.path());
    const int code = process.wait();
    return {.exit_code = code, .out = process.out(), .err = process.err()};
  }

  // The app's files in a folder of that name.
  std::string write(const CleanApp& app, const std::string& name = "app") {
    for (const auto& file : app.tree().files) {
      const std::filesystem::path path = folder_.path() / name / file.path;
      std::filesystem::create_directories(path.parent_path());
      std::ofstream(path, std::ios::binary) << file.text;
    }
    return (folder_.path() / name).string();
  }

  std::string read(const std::string& name) const {
    std::ifstream in(folder_.path() / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  base::testing::TemporaryFolder folder_;
};

CleanApp wrong_app() {
  CleanApp app;
  app.replace(kHome, "late HomeModel _model;",
              "late HomeModel _model;\n  final key = 'sk_live_0123456789abcdefABCDEF';");
  return app;
}

CleanApp warned_app() {
  CleanApp app;
  app.replace(kLogin, "GoRouter.of(context).prepareAuthEvent();\n", "");
  return app;
}

TEST_F(DoctorCommand, a_clean_project_is_exit_0) {
  const Outcome outcome = run({"project", write(CleanApp())});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("Latchkey doctor"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("\x1b")));  // no colour where no terminal is
}

TEST_F(DoctorCommand, a_failure_is_exit_1_and_named_with_its_place) {
  const Outcome outcome = run({"project", write(wrong_app())});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("hardcoded_secret"));
  EXPECT_THAT(outcome.out, HasSubstr("lib/pages/home/home_widget.dart:"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("0123456789abcdef")));
}

TEST_F(DoctorCommand, a_warning_is_exit_0_and_exit_1_when_strict) {
  const std::string app = write(warned_app());
  EXPECT_EQ(run({"project", app}).exit_code, 0);
  EXPECT_EQ(run({"project", app, "--strict"}).exit_code, 1);
}

TEST_F(DoctorCommand, what_cannot_run_is_exit_2_and_says_why) {
  const Outcome nothing = run({"project", (folder_.path() / "nowhere").string()});
  EXPECT_EQ(nothing.exit_code, 2);
  EXPECT_THAT(nothing.err, HasSubstr("does not exist"));
  const std::string app = write(CleanApp());
  for (const auto& [arguments, words] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"project", app, "--format", "pdf"}, "text, json, html, junit or sarif"},
           {{"project", app, "--output", (folder_.path() / "no" / "such").string()}, "could not be written"},
           {{"server", "ftp://127.0.0.1"}, "must begin with https:// or http://"},
           {{"server", "http://127.0.0.1:1", "--map", "token=$.x"}, "access_token, refresh_token"},
           {{"server", "http://127.0.0.1:1", "--header", "nothing"}, "a name, a colon and a value"},
           {{"server", "http://127.0.0.1:1", "--origin", "app.example.com"},
            "such as https://app.example.com"},
           {{"server", "http://127.0.0.1:1", "--email", "a@example.com"}, "LATCHKEY_DOCTOR_PASSWORD"},
           {{"server", "http://127.0.0.1:1", "--timeout", "0"}, "--timeout"},
           {{"server", "http://127.0.0.1:1", "--openapi", "none.yaml"}, "cannot be read"},
           {{"server", "http://127.0.0.1:1", "--trust", "none.pem"}, "cannot be read"},
           {{"server", "http://127.0.0.1:1", "--login", "http://other.example/login"}, "another host"}}) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, 2) << words << "\n" << outcome.out;
    EXPECT_THAT(outcome.err, HasSubstr(words));
  }
}

TEST_F(DoctorCommand, every_form_is_what_it_says) {
  const std::string app = write(wrong_app());
  const Outcome as_json = run({"project", app, "--format", "json"});
  const json::value report = json::parse(as_json.out);
  EXPECT_EQ(report.at("tool").as_string(), "latchkey doctor");
  EXPECT_EQ(report.at("kind").as_string(), "project");
  EXPECT_EQ(report.at("target").as_string(), app);
  EXPECT_EQ(report.at("summary").at("first_to_fix").as_string(), "hardcoded_secret");
  const json::value sarif =
      json::parse(run({"project", app, "--format", "sarif", "--sarif-base", "mobile"}).out);
  EXPECT_THAT(std::string(sarif.at("runs")
                              .at(0)
                              .at("results")
                              .at(0)
                              .at("locations")
                              .at(0)
                              .at("physicalLocation")
                              .at("artifactLocation")
                              .at("uri")
                              .as_string()),
              StartsWith("mobile/lib/"));
  EXPECT_THAT(run({"project", app, "--format", "junit"}).out, StartsWith("<?xml"));
  const Outcome html = run({"project", app, "--format", "html", "--output", "report.html"});
  EXPECT_EQ(html.exit_code, 1);
  EXPECT_EQ(html.out, "");
  EXPECT_THAT(html.err, HasSubstr("report.html"));
  EXPECT_THAT(read("report.html"), StartsWith("<!doctype html>"));
}

TEST_F(DoctorCommand, a_dry_run_asks_nothing) {
  const FaultyServer server;
  const Outcome outcome = run({"server", server.url(), "--dry-run", "--create-account"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("Find the login"));
  EXPECT_TRUE(server.seen().empty());
}

TEST_F(DoctorCommand, a_server_is_probed_with_an_account) {
  const FaultyServer server;
  const Outcome outcome = run({"server", server.url(), "--email", std::string(FaultyServer::kEmail),
                               "--password", std::string(FaultyServer::kPassword), "--origin",
                               "https://app.example.com", "--slow-after", "60", "--format", "json"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out;
  const json::value report = json::parse(outcome.out);
  EXPECT_EQ(report.at("kind").as_string(), "server");
  EXPECT_THAT(outcome.out, Not(HasSubstr(std::string(FaultyServer::kPassword))));
  EXPECT_EQ(server.accounts(), 1U);  // none was made without --create-account
}

TEST_F(DoctorCommand, both_halves_are_joined) {
  const FaultyServer server;
  CleanApp app;
  std::string calls = app.tree().find(kCalls)->text;
  const std::string named = "https://api.small.example";
  for (std::size_t at = 0; (at = calls.find(named, at)) != std::string::npos;)
    calls.replace(at, named.size(), server.url() + "/auth");
  app.set(kCalls, calls);
  const Outcome outcome =
      run({"project", write(app), "--server", server.url(), "--email", std::string(FaultyServer::kEmail),
           "--password", std::string(FaultyServer::kPassword), "--format", "json"});
  EXPECT_EQ(outcome.exit_code, 1);  // the server has the user's id elsewhere
  EXPECT_THAT(outcome.out, HasSubstr(R"("id":"join_path_missing","verdict":"fail")"));
  EXPECT_THAT(outcome.out, HasSubstr(R"("id":"whole_flow","verdict":"pass")"));
  EXPECT_THAT(outcome.out, HasSubstr(R"("id":"no_bearer","verdict":"pass")"));
}

}  // namespace
}  // namespace latchkey::e2e

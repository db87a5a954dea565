// The doctor against servers that are wrong in one way each: what it finds, and that it finds nothing else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "base/testing/fakes.h"
#include "doctor/probe/probe.h"
#include "support/faulty_server.h"
#include "support/probing.h"
#include "support/running_server.h"

namespace latchkey::e2e {
namespace {

using doctor::Verdict;
Verdicts clean_verdicts() {
  static const Verdicts clean = [] {
    const FaultyServer server;
    return probe(options_for(server)).verdicts();
  }();
  return clean;
}

// What differs from the clean server's report; checks that could not be made any more left out.
Verdicts differences(const Verdicts& found) {
  Verdicts out;
  for (const auto& [id, verdict] : found) {
    if (verdict != clean_verdicts().at(id) && verdict != Verdict::skipped) out[id] = verdict;
  }
  return out;
}

std::string words(const Verdicts& verdicts) {
  std::string text;
  for (const auto& [id, verdict] : verdicts) {
    text.append(text.empty() ? "" : ", ").append(id).append(": ").append(doctor::to_string(verdict));
  }
  return text;
}

struct Case {
  std::string name;
  Fault fault;
  Verdicts expected;  // what differs from the clean server
};

class OneFault : public testing::TestWithParam<Case> {};

TEST_P(OneFault, is_found_and_nothing_else) {
  const FaultyServer server({GetParam().fault});
  doctor::ProbeOptions options = options_for(server);
  if (GetParam().fault == Fault::slow_login) options.slow_after = FaultyServer::kSlowAnswer / 2;
  const Probed probed = probe(options);
  EXPECT_EQ(words(differences(probed.verdicts())), words(GetParam().expected));
  for (const auto& [id, verdict] : GetParam().expected)
    EXPECT_FALSE(probed.finding(id).evidence.empty()) << id;
  EXPECT_LE(probed.requests, 80U);
}

constexpr Verdict kFail = Verdict::fail;
constexpr Verdict kWarn = Verdict::warn;
constexpr Verdict kNote = Verdict::note;

const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"login_missing", Fault::login_missing, {{"login_found", kFail}}},
      {"signup_missing", Fault::signup_missing, {{"signup_found", kNote}}},
      {"refresh_missing", Fault::refresh_missing, {{"refresh_found", kWarn}}},
      {"protected_missing", Fault::protected_missing, {{"protected_found", kWarn}}},
      {"logout_missing", Fault::logout_missing, {{"logout_found", kNote}}},
      {"login_redirects",
       Fault::login_redirects,
       {{"redirect_changes_method", kFail}, {"rate_limited", Verdict::ask}}},
      {"tunnel_page", Fault::tunnel_page, {{"interstitial_page", kFail}}},
      {"slow_login", Fault::slow_login, {{"slow_answer", kWarn}}},
      {"login_is_text",
       Fault::login_is_text,
       {{"answer_is_json", kFail},
        {"charset", kWarn},
        {"expiry_present", kNote},
        {"refresh_token_present", kWarn},
        {"token_present", kFail},
        {"uid_present", kWarn},
        {"whole_flow", kFail}}},
      {"charset_latin1", Fault::charset_latin1, {{"charset", kWarn}}},
      {"refuses_content_type_parameters",
       Fault::refuses_content_type_parameters,
       {{"content_type_parameters", kFail}}},
      {"token_left_out", Fault::token_left_out, {{"token_present", kFail}, {"whole_flow", kFail}}},
      {"refresh_token_left_out", Fault::refresh_token_left_out, {{"refresh_token_present", kWarn}}},
      {"expiry_left_out", Fault::expiry_left_out, {{"expiry_present", kNote}}},
      {"uid_left_out", Fault::uid_left_out, {{"uid_present", kWarn}}},
      {"uid_is_number", Fault::uid_is_number, {{"jwt_claims", kWarn}, {"uid_is_text", kWarn}}},
      {"uid_type_varies", Fault::uid_type_varies, {{"types_constant", kFail}}},
      {"expiry_type_varies", Fault::expiry_type_varies, {{"types_constant", kFail}}},
      {"expiry_without_zone", Fault::expiry_without_zone, {{"expiry_unit", kWarn}}},
      {"expiry_in_past", Fault::expiry_in_past, {{"expiry_in_future", kFail}}},
      {"expiry_after_a_minute", Fault::expiry_after_a_minute, {{"expiry_too_short", kWarn}}},
      {"clock_an_hour_behind", Fault::clock_an_hour_behind, {{"clock_skew", kWarn}}},
      {"token_opaque", Fault::token_opaque, {{"token_is_jwt", kNote}}},
      {"token_alg_none",
       Fault::token_alg_none,
       {{"jwt_alg", kFail}, {"none_alg_refused", kFail}, {"tampered_token_refused", kFail}}},
      {"token_without_exp", Fault::token_without_exp, {{"jwt_claims", kWarn}}},
      {"token_exp_as_text", Fault::token_exp_as_text, {{"jwt_claims", kWarn}}},
      {"token_of_other_user", Fault::token_of_other_user, {{"jwt_claims", kWarn}}},
      {"jwks_missing", Fault::jwks_missing, {{"jwks_reachable", kNote}}},
      {"jwks_other_key", Fault::jwks_other_key, {{"jwt_signature", kFail}}},
      {"protected_open",
       Fault::protected_open,
       {{"logout_kills_access", kWarn}, {"protected_needs_token", kFail}}},
      {"accepts_tampered",
       Fault::accepts_tampered,
       {{"none_alg_refused", kFail}, {"tampered_token_refused", kFail}}},
      {"accepts_none", Fault::accepts_none, {{"none_alg_refused", kFail}}},
      {"wrong_password_accepted",
       Fault::wrong_password_accepted,
       {{"account_enumeration", kWarn}, {"wrong_password_refused", kFail}}},
      {"wrong_password_is_200",
       Fault::wrong_password_is_200,
       {{"account_enumeration", kWarn}, {"wrong_password_refused", kFail}}},
      {"unknown_account_is_200",
       Fault::unknown_account_is_200,
       {{"account_enumeration", kWarn}, {"unknown_account_refused", kFail}}},
      {"unknown_account_told", Fault::unknown_account_told, {{"account_enumeration", kWarn}}},
      {"empty_body_crashes", Fault::empty_body_crashes, {{"empty_body_refused", kWarn}}},
      {"malformed_body_crashes", Fault::malformed_body_crashes, {{"malformed_body_refused", kWarn}}},
      {"errors_are_html", Fault::errors_are_html, {{"error_is_json", kWarn}}},
      {"errors_without_message", Fault::errors_without_message, {{"error_has_message", kWarn}}},
      {"quote_crashes", Fault::quote_crashes, {{"special_characters", kFail}}},
      {"emoji_crashes", Fault::emoji_crashes, {{"unicode", kFail}}},
      {"stack_trace", Fault::stack_trace, {{"internals_leaked", kWarn}}},
      {"refresh_without_refresh_token",
       Fault::refresh_without_refresh_token,
       {{"refresh_returns_full_pair", kFail}}},
      {"refresh_same_access_token", Fault::refresh_same_access_token, {{"refresh_returns_full_pair", kFail}}},
      {"refresh_strict",
       Fault::refresh_strict,
       {{"refresh_lost_answer", kWarn}, {"refresh_parallel", kWarn}}},
      {"refresh_strict_kills",
       Fault::refresh_strict_kills,
       {{"refresh_lost_answer", kWarn}, {"refresh_parallel", kWarn}}},
      {"refresh_never_rotates_away",
       Fault::refresh_never_rotates_away,
       {{"refresh_reuse_ends_session", kWarn}}},
      {"refresh_garbage_crashes", Fault::refresh_garbage_crashes, {{"refresh_garbage_refused", kFail}}},
      {"refresh_garbage_accepted", Fault::refresh_garbage_accepted, {{"refresh_garbage_refused", kFail}}},
      {"logout_keeps_access", Fault::logout_keeps_access, {{"logout_kills_access", kWarn}}},
      {"logout_keeps_refresh", Fault::logout_keeps_refresh, {{"logout_kills_refresh", kFail}}},
      {"preflight_missing", Fault::preflight_missing, {{"cors_preflight", kFail}}},
      {"preflight_needs_login", Fault::preflight_needs_login, {{"cors_preflight", kFail}}},
      {"cors_missing",
       Fault::cors_missing,
       {{"cors_on_errors", kFail}, {"cors_on_success", kFail}, {"cors_preflight", kFail}}},
      {"cors_missing_on_errors", Fault::cors_missing_on_errors, {{"cors_on_errors", kFail}}},
      {"cors_without_authorization", Fault::cors_without_authorization, {{"cors_headers_allowed", kFail}}},
      {"cors_wildcard_with_credentials",
       Fault::cors_wildcard_with_credentials,
       {{"cors_wildcard_with_credentials", kWarn}}},
      {"cors_other_origin",
       Fault::cors_other_origin,
       {{"cors_on_errors", kFail}, {"cors_on_success", kFail}, {"cors_preflight", kFail}}},
      {"origin_forbidden",
       Fault::origin_forbidden,
       {{"cors_on_errors", kFail}, {"cors_on_success", kFail}, {"cors_preflight", kFail}}},
      {"nobody_is_null", Fault::nobody_is_null, {}},
      {"cookies_only",
       Fault::cookies_only,
       {{"needs_cookies", kFail},
        {"refresh_token_present", kWarn},
        {"token_present", kFail},
        {"whole_flow", kFail}}},
      {"no_rate_limit", Fault::no_rate_limit, {{"rate_limited", Verdict::ask}}},
  };
  return all;
}

INSTANTIATE_TEST_SUITE_P(DoctorServer, OneFault, testing::ValuesIn(cases()),
                         [](const auto& tested) { return tested.param.name; });

TEST(DoctorServer, finds_nothing_on_a_clean_server) {
  for (const auto& [id, verdict] : clean_verdicts()) {
    const bool is_tls = id.starts_with("tls_");  // the address begins with http://
    EXPECT_EQ(doctor::to_string(verdict), is_tls ? "skipped" : "pass") << id;
  }
}

TEST(DoctorServer, gives_every_check_a_verdict_and_a_reason) {
  const FaultyServer server;
  const Probed probed = probe(options_for(server));
  for (const doctor::CheckInfo& check : doctor::all_checks()) {
    if (check.about != doctor::About::server) continue;
    EXPECT_FALSE(probed.finding(check.id).evidence.empty()) << check.id;
  }
}

TEST(DoctorServer, finds_nothing_on_latchkey) {
  const RunningServer server;
  doctor::ProbeOptions options;
  options.url = "http://127.0.0.1:" + std::to_string(server.port());
  options.create_account = true;
  options.origins = {"https://app.example.com"};
  options.slow_after = std::chrono::minutes(1);
  const Probed probed = probe(options);
  for (const doctor::Finding& finding : probed.result.report.findings) {
    const bool is_fine =
        finding.verdict == Verdict::pass || finding.id.starts_with("tls_") || finding.id == "rate_limited";
    EXPECT_TRUE(is_fine) << finding.id << ": " << doctor::to_string(finding.verdict) << ": "
                         << finding.evidence;
  }
  EXPECT_THAT(probed.result.server_kind, testing::HasSubstr("Latchkey"));
}

TEST(DoctorServer, goes_on_without_credentials) {
  const FaultyServer server;
  doctor::ProbeOptions options = options_for(server);
  options.email.clear();
  options.password = {};
  options.create_account = false;
  const Probed probed = probe(options);
  EXPECT_EQ(server.accounts(), 1U);
  EXPECT_EQ(probed.finding("login_found").verdict, Verdict::pass);
  EXPECT_EQ(probed.finding("unknown_account_refused").verdict, Verdict::pass);
  EXPECT_EQ(probed.finding("cors_preflight").verdict, Verdict::pass);
  EXPECT_EQ(probed.finding("whole_flow").verdict, Verdict::skipped);
  EXPECT_EQ(probed.result.report.count(Verdict::fail), 0U);
}

TEST(DoctorServer, takes_paths_below_the_address) {
  const FaultyServer server;
  doctor::ProbeOptions options = options_for(server);
  options.url += "/auth";
  options.login.path = "/login";
  options.refresh.path = "refresh";
  options.logout.path = "/auth/logout";
  options.me.path = server.url() + "/auth/me";
  const Probed probed = probe(options);
  EXPECT_EQ(probed.finding("login_found").verdict, Verdict::pass);
  EXPECT_EQ(probed.finding("whole_flow").verdict, Verdict::pass);
  EXPECT_EQ(probed.result.report.count(Verdict::fail), 0U);
}

TEST(DoctorServer, says_that_nothing_is_where_the_login_was_said_to_be) {
  const FaultyServer server;
  doctor::ProbeOptions options = options_for(server);
  options.login.path = "/sign-in/email";
  const Probed probed = probe(options);
  EXPECT_EQ(probed.finding("login_found").verdict, Verdict::fail);
  EXPECT_THAT(probed.finding("login_found").evidence, testing::HasSubstr("answers 404"));
  EXPECT_EQ(probed.finding("empty_body_refused").verdict, Verdict::skipped);
  EXPECT_EQ(probed.finding("whole_flow").verdict, Verdict::skipped);
}

TEST(DoctorServer, says_that_nothing_is_where_the_page_was_said_to_be) {
  const FaultyServer server;
  doctor::ProbeOptions options = options_for(server);
  options.me.path = "/nowhere";
  const Probed probed = probe(options);
  EXPECT_EQ(probed.finding("protected_found").verdict, Verdict::warn);
  EXPECT_THAT(probed.finding("protected_found").evidence, testing::HasSubstr("answers 404"));
  EXPECT_EQ(probed.finding("protected_needs_token").verdict, Verdict::skipped);
}

TEST(DoctorServer, creates_no_account_unless_told) {
  const FaultyServer server;
  doctor::ProbeOptions options = options_for(server);
  options.create_account = false;
  const Probed probed = probe(options);
  EXPECT_EQ(server.accounts(), 1U);
  EXPECT_EQ(probed.result.report.count(Verdict::fail), 0U);
}

TEST(DoctorServer, tries_a_wrong_password_on_the_account_once) {
  const FaultyServer server;
  doctor::ProbeOptions options = options_for(server);
  options.create_account = false;
  const Probed probed = probe(options);
  EXPECT_EQ(probed.finding("wrong_password_refused").verdict, Verdict::pass);
  EXPECT_LE(probed.requests, 60U);
}

TEST(DoctorServer, stops_at_the_bound_on_requests) {
  const FaultyServer server;
  doctor::ProbeOptions options = options_for(server);
  options.max_requests = 12;
  const Probed probed = probe(options);
  EXPECT_LE(server.seen().size(), 12U);
  EXPECT_EQ(probed.finding("whole_flow").verdict, Verdict::skipped);
}

TEST(DoctorServer, ends_when_an_answer_never_comes) {
  const FaultyServer server({Fault::never_answers});
  doctor::ProbeOptions options = options_for(server);
  options.timeout = std::chrono::milliseconds(200);
  options.slow_after = std::chrono::milliseconds(100);
  const Probed probed = probe(options);
  EXPECT_EQ(probed.finding("slow_answer").verdict, Verdict::warn);
  EXPECT_EQ(probed.finding("login_found").verdict, Verdict::pass);
}

TEST(DoctorServer, says_that_nobody_listens) {
  doctor::ProbeOptions options;
  {
    const FaultyServer gone;
    options.url = gone.url();
  }
  const Probed probed = probe(options);
  EXPECT_EQ(probed.finding("tcp").verdict, Verdict::fail);
  EXPECT_EQ(probed.requests, 0U);
}

TEST(DoctorServer, says_that_a_name_leads_nowhere) {
  doctor::ProbeOptions options;
  options.url = "https://nothing-here.invalid";
  EXPECT_EQ(probe(options).finding("dns").verdict, Verdict::fail);
}

// --- certificates

Probed probe_tls(const TlsSetup& setup, bool is_trusted = true) {
  const FaultyServer server({}, setup);
  doctor::ProbeOptions options = options_for(server);
  const base::testing::TemporaryFolder folder;
  if (is_trusted) {
    options.trusted_certificate = (folder.path() / "authority.pem").string();
    std::ofstream(options.trusted_certificate) << server.authority_pem();
  }
  Probed probed = probe(options);
  if (probed.finding("tls_chain").verdict == Verdict::fail) {
    EXPECT_THAT(server.seen(), testing::IsEmpty());
  }
  return probed;
}

TEST(DoctorServerTls, finds_nothing_on_a_clean_server) {
  const Probed probed = probe_tls({});
  for (const doctor::Finding& finding : probed.result.report.findings) {
    EXPECT_EQ(finding.verdict, Verdict::pass) << finding.id << ": " << finding.evidence;
  }
}

TEST(DoctorServerTls, finds_an_unknown_authority_and_sends_nothing) {
  const Probed probed = probe_tls({}, false);
  EXPECT_EQ(probed.finding("tls_chain").verdict, Verdict::fail);
  EXPECT_EQ(probed.finding("login_found").verdict, Verdict::skipped);
}

TEST(DoctorServerTls, finds_a_certificate_signed_by_itself) {
  EXPECT_EQ(probe_tls({.self_signed = true}).finding("tls_chain").verdict, Verdict::fail);
}

TEST(DoctorServerTls, finds_another_name) {
  const Probed probed = probe_tls({.name = "other.example"});
  EXPECT_EQ(probed.finding("tls_name").verdict, Verdict::fail);
  EXPECT_THAT(probed.finding("tls_name").evidence, testing::HasSubstr("other.example"));
}

TEST(DoctorServerTls, finds_an_expired_certificate) {
  EXPECT_EQ(probe_tls({.days_left = -1}).finding("tls_expiry").verdict, Verdict::fail);
}

TEST(DoctorServerTls, warns_of_one_that_is_about_to_expire) {
  EXPECT_EQ(probe_tls({.days_left = 5}).finding("tls_expiry").verdict, Verdict::warn);
}

TEST(DoctorServerTls, finds_an_old_version) {
  EXPECT_EQ(probe_tls({.only_tls_1_1 = true}).finding("tls_version").verdict, Verdict::warn);
}

// --- the plan

TEST(DoctorPlan, sends_nothing) {
  const FaultyServer server;
  const auto plan = plan_probe(options_for(server));
  ASSERT_TRUE(plan);
  EXPECT_THAT(*plan, testing::Contains(testing::HasSubstr("account")));
  EXPECT_THAT(server.seen(), testing::IsEmpty());
}

TEST(DoctorPlan, refuses_what_is_no_address) {
  for (const char* url : {"", "example.com", "ftp://example.com", "https://",
                          "https://user:secret@example.com", "https://example.com:0"}) {
    doctor::ProbeOptions options;
    options.url = url;
    const auto plan = plan_probe(options);
    ASSERT_FALSE(plan) << url;
    EXPECT_THAT(plan.error().detail, testing::HasSubstr("https://api.example.com")) << url;
  }
}

TEST(DoctorPlan, refuses_steps_on_another_host) {
  doctor::ProbeOptions options;
  options.url = "https://example.com";
  options.login.path = "https://other.example/login";
  const auto plan = plan_probe(options);
  ASSERT_FALSE(plan);
  EXPECT_THAT(plan.error().detail, testing::HasSubstr("another host"));
}

TEST(DoctorPlan, takes_paths_from_an_openapi_document) {
  doctor::ProbeOptions options;
  options.url = "https://example.com";
  options.openapi =
      "openapi: 3.0.3\nservers:\n  - url: /v2\npaths:\n  /people/authenticate:\n    post:\n      "
      "operationId: login\n"
      "  /people/me:\n    get:\n      operationId: me\n";
  const auto plan = plan_probe(options);
  ASSERT_TRUE(plan) << plan.error().detail;
  EXPECT_THAT(*plan, testing::Contains("Find the login: POST /v2/people/authenticate"));
  EXPECT_THAT(*plan, testing::Contains("Find a protected page: GET /v2/people/me"));
}

TEST(DoctorServer, takes_what_the_person_tells) {
  const FaultyServer server;
  doctor::ProbeOptions options = options_for(server);
  options.login = {.path = "/auth/login", .body = R"({"email":"<email>","password":"<password>"})"};
  options.me = {.path = "auth/me"};
  options.value_paths = {{"access_token", "$['access_token']"}};
  const Probed probed = probe(options);
  EXPECT_EQ(probed.finding("whole_flow").verdict, Verdict::pass) << probed.finding("whole_flow").evidence;
  EXPECT_THAT(server.seen().at(1), testing::HasSubstr("POST /auth/login")) << "no other login is looked for";
}

TEST(DoctorServer, shows_no_secret) {
  const FaultyServer server({Fault::login_is_text, Fault::stack_trace});
  const Probed probed = probe(options_for(server));
  for (const doctor::ProbeAnswer& answer : probed.result.answers) {
    if (answer.step != "login" || answer.body.size() < 100) continue;
    for (const doctor::Finding& finding : probed.result.report.findings) {
      EXPECT_EQ(finding.evidence.find(answer.body.substr(0, 60)), std::string::npos) << finding.id;
      EXPECT_EQ(finding.evidence.find(FaultyServer::kPassword), std::string::npos) << finding.id;
    }
  }
}

}  // namespace
}  // namespace latchkey::e2e

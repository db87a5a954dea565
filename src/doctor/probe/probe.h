// Looks at an authentication server from outside, as an app would, and says what is wrong with it.
//
// Gentle: what will be done is known before (plan_probe), the number of requests is bounded, at most five
// tries with a wrong password are made, and an account is created only when the person asks for it. Nothing
// but the host of the URL is ever contacted: neither where it redirects to nor what a token names as its
// issuer.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/function_ref.h"
#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "doctor/report.h"

namespace latchkey::doctor {

// One call of the flow, as far as the person describes it. What is empty is found out.
struct StepOption {
  std::string method = {};  // else POST, or GET for `me`
  std::string path =
      {};  // below the URL ("auth/login"), from the host's root ("/api/login"), or a whole URL of that host
  // A template: `<email>`, `<password>`, `<refresh_token>`, `<access_token>` and `<username>` are replaced,
  // escaped for JSON when it begins with `{`, for a form otherwise.
  std::string body = {};
};

struct ProbeOptions {
  std::string url;  // typed by a person, never taken from a project: http(s)://host[:port][/base]
  StepOption login, signup, refresh, me, logout;
  // `access_token`, `refresh_token`, `expires_at`, `uid` → JSON path of the login's answer ("$.data.token").
  std::vector<std::pair<std::string, std::string>> value_paths = {};
  std::vector<std::pair<std::string, std::string>> headers = {};  // sent with every request, in this order
  std::string openapi = {};  // the text of an OpenAPI document: JSON or YAML
  std::string email = {};    // of an existing dummy account; a user name if there is no @ in it
  base::Secret password = {};
  bool create_account = false;
  std::vector<std::string> origins = {};  // where the app's web build will live: "https://app.example.com"
  std::string trusted_certificate = {};   // a PEM file with an authority that is trusted beside the system's
  std::chrono::milliseconds timeout{10'000};    // for each request, from connecting to the last byte
  std::chrono::milliseconds spacing{100};       // between two requests
  std::chrono::milliseconds slow_after{3'000};  // an answer that takes longer is told
  unsigned max_requests = 150;
};

// What the probe gets from the machine. `pause` waits; a test may only move its clock.
struct ProbeWorld {
  const base::Clock& clock;
  base::Random& random;
  base::FunctionRef<void(std::chrono::milliseconds)> pause;
};

// Told what happens while it happens, on the thread that called probe_server.
class Progress {
 public:
  virtual ~Progress() = default;
  // The plan, one step a line, before the first request.
  virtual void on_plan(const std::vector<std::string>& lines) = 0;
  // Before a request; `sent` counts from 1.
  virtual void on_request(std::string_view what, unsigned sent, unsigned at_most) = 0;
  virtual void on_finding(const Finding& finding) = 0;
};

// An answer as it came, for comparing with what a project reads out of it. Holds live tokens: not for
// showing.
struct ProbeAnswer {
  std::string step;      // login, signup, refresh, me, logout; login_error: of a wrong password
  std::string endpoint;  // `POST /auth/v1/login`
  std::uint16_t status = 0;
  std::string body;
};

struct ProbeResult {
  Report report;
  std::string server_kind;  // in words: "GoTrue (Supabase Auth, Latchkey)"; empty when unknown
  std::vector<ProbeAnswer> answers;
  std::vector<std::pair<std::string, std::string>> value_paths;  // as in the options, all that were found
  std::string cors_allowed_headers =
      {};  // what the login answers to a browser's question; empty when unknown
};

// What would be done, in words, one step a line (--dry-run). Sends nothing. Fails with validation_failed, and
// the message for the person, when the options cannot be used.
base::Result<std::vector<std::string>> plan_probe(const ProbeOptions& options);

// Does it. Fails as plan_probe; a server that cannot be reached is a finding, not a failure. Every server
// check of the catalogue is in the report with a verdict and a reason.
base::Result<ProbeResult> probe_server(const ProbeOptions& options, const ProbeWorld& world,
                                       Progress& progress);

}  // namespace latchkey::doctor

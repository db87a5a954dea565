// One probe from the first packet to the report: what was found out so far, and the checks that look at it.
//
// Each group of checks is a member function in a file of its own; they run in the order in which they stand
// here, and each gives every check of its group a verdict.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/probe/answer.h"
#include "doctor/probe/prober.h"
#include "doctor/probe/target.h"

namespace latchkey::doctor {

// Puts values into a body's template, in the place of `<name>`: escaped for JSON when it is one, for a form
// otherwise.
std::string filled(std::string_view body,
                   const std::vector<std::pair<std::string_view, std::string_view>>& values);

// Lives for one call of probe_server.
class Run {
 public:
  Run(const ProbeOptions& options, const ProbeWorld& world, Progress& progress, Target target,
      Endpoints told);

  ProbeResult take();

 private:
  // --- transport.cc
  bool look_at_transport();  // false when there is nothing to talk to
  void look_at_tls(const http::TlsPeer& peer);
  void finish_transport();

  // --- discover.cc
  void discover();
  Endpoint try_paths(std::string_view what, std::string_view method, const std::vector<std::string>& paths);
  bool is_there(const ProbeReply& reply) const;
  std::string nothing_here_target() const { return target_.base + "/latchkey-doctor/nothing-is-here"; }
  // Asks a path that was given once. What it says when nothing is there, else nothing; that answer is kept as
  // the step's.
  std::string words_if_missing(std::string_view what, std::string_view step, const Endpoint& endpoint);
  std::vector<std::string> siblings(const std::vector<std::string_view>& names) const;

  // --- login.cc
  void log_in_first();
  void look_at_login_answer();
  void look_at_types();
  void look_at_sign_up();
  ProbeReply log_in(std::string_view what, std::string_view identifier, std::string_view password,
                    const std::string& origin = {});
  ProbeReply sign_up(std::string_view what, std::string_view email, std::string_view password);
  std::string login_body(std::string_view identifier, std::string_view password) const;
  std::string unique_email();

  // --- token.cc
  void look_at_expiry();
  void look_at_token();
  void look_at_keys(const Jwt& jwt);
  void look_at_protection();

  // --- refusals.cc
  void look_at_refusals();
  void look_at_odd_characters();

  // --- refresh.cc
  void look_at_refresh();
  void look_at_logout();
  ProbeReply refresh(std::string_view what, std::string_view token, std::string_view access = {});
  ProbeRequest refresh_request(std::string_view what, std::string_view token, std::string_view access) const;

  // --- cors.cc
  void look_at_cors();

  // --- run.cc
  void set(std::string_view id, Verdict verdict, std::string evidence, std::string endpoint = {});
  void pass(std::string_view id, std::string evidence, std::string endpoint = {}) {
    set(id, Verdict::pass, std::move(evidence), std::move(endpoint));
  }
  void fail(std::string_view id, std::string evidence,
            std::string endpoint = {});  // by the catalogue's severity
  void skip(std::string_view id, std::string evidence) { set(id, Verdict::skipped, std::move(evidence)); }
  void skip_rest(std::string_view why);
  bool is_set(std::string_view id) const;
  // Some servers answer 200 and null to nobody.
  static bool names_somebody(const ProbeReply& reply) {
    return reply.is_ok() && !(reply.json && reply.json->is_null());
  }
  ProbeReply who_am_i(std::string_view what, std::string_view token, const std::string& origin = {});
  void note_error(const ProbeReply& reply, const std::string& endpoint);
  void keep_answer(std::string_view step, const Endpoint& endpoint, const ProbeReply& reply);
  void whole_flow();

  const ProbeOptions& options_;
  const ProbeWorld& world_;
  Progress& progress_;
  Target target_;
  Report report_;
  std::string server_kind_;
  std::vector<ProbeAnswer> answers_;
  std::string cors_allowed_headers_;

  bool is_loopback_ = false;
  std::optional<Prober> prober_;
  ProbeReply nothing_here_;  // the answer of a path that cannot exist
  Endpoint login_, signup_, refresh_, me_, logout_;
  std::string identifier_key_;  // `email` of the login's body
  bool sends_form_ = false;
  bool is_redirected_ = false;  // the login answers with a redirect that turns it into a GET
  std::string refresh_key_;
  std::string identifier_, password_;  // of the account that is used; empty when there is none
  std::string why_no_login_ =
      "There are no credentials: give --email and --password of a dummy account, or --create-account.";
  ProbeReply first_login_;
  SessionValues first_, second_;
  std::vector<std::pair<std::string, SessionValues>> seen_values_;  // by step
  std::vector<std::pair<std::string, ProbeReply>> errors_;          // by endpoint
  base::Timestamp server_time_{};
  bool has_server_time_ = false;
};

}  // namespace latchkey::doctor

#include "config/checks.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <initializer_list>
#include <string>

#include "config/table.h"

namespace latchkey::config {
namespace {

class Checker {
 public:
  Checker(const Configuration& configuration, const std::set<std::string_view>& unsound,
          std::vector<Problem>& problems)
      : configuration_(configuration), unsound_(unsound), problems_(problems) {}

  // Reports at the first of `involved` that was set anywhere, when `is_wrong` and all of them are sound.
  void error_if(bool is_wrong, std::initializer_list<std::string_view> involved, std::string message) {
    report(Severity::error, is_wrong, involved, std::move(message));
  }
  void warn_if(bool is_wrong, std::initializer_list<std::string_view> involved, std::string message) {
    report(Severity::warning, is_wrong, involved, std::move(message));
  }

 private:
  void report(Severity severity, bool is_wrong, std::initializer_list<std::string_view> involved,
              std::string message) {
    if (!is_wrong || std::ranges::any_of(involved, [&](auto name) { return unsound_.contains(name); }))
      return;
    Problem problem{
        .severity = severity, .origin = {}, .setting = std::string(*involved.begin()), .message = {}};
    for (const std::string_view name : involved) {
      const Origin& origin =
          configuration_.origins[static_cast<std::size_t>(find_setting(name) - all_settings().data())];
      if (origin.layer == Layer::default_value) continue;
      problem.origin = origin.text;
      problem.setting = name;
      break;
    }
    problem.message = std::move(message);
    problems_.push_back(std::move(problem));
  }

  const Configuration& configuration_;
  const std::set<std::string_view>& unsound_;
  std::vector<Problem>& problems_;
};

// OWASP Password Storage Cheat Sheet: each of these is as strong as the others.
bool is_argon2_strong_enough(ByteSize memory, std::uint32_t iterations) {
  constexpr std::uint64_t kMiB = 1ULL << 20;
  constexpr std::pair<std::uint64_t, std::uint32_t> kFloors[] = {
      {46 * kMiB, 1}, {19 * kMiB, 2}, {12 * kMiB, 3}, {9 * kMiB, 4}, {7 * kMiB, 5}};
  return std::ranges::any_of(
      kFloors, [&](const auto& floor) { return memory.bytes >= floor.first && iterations >= floor.second; });
}

std::string why_unreadable(const std::filesystem::path& file) {
  if (file.empty() || access(file.c_str(), R_OK) == 0) return {};
  return fmt::format("the file {} cannot be read: {}", file.string(), std::strerror(errno));
}

}  // namespace

void check_together(const Configuration& configuration, const Machine& machine,
                    const std::set<std::string_view>& unsound, std::vector<Problem>& problems) {
  const Settings& s = configuration.settings;
  const auto text = [&](std::string_view name) { return find_setting(name)->confidential_text(s); };
  Checker check(configuration, unsound, problems);

  check.error_if(s.data.path.empty(), {"data.path"}, "must not be empty, for example ./latchkey-data");

  check.error_if(s.session.access_lifetime >= s.session.idle_lifetime,
                 {"session.access_lifetime", "session.idle_lifetime"},
                 fmt::format("session.access_lifetime ({}) must be shorter than session.idle_lifetime ({})",
                             text("session.access_lifetime"), text("session.idle_lifetime")));
  check.error_if(
      s.session.idle_lifetime > s.session.absolute_lifetime,
      {"session.idle_lifetime", "session.absolute_lifetime"},
      fmt::format("session.idle_lifetime ({}) must not be longer than session.absolute_lifetime ({})",
                  text("session.idle_lifetime"), text("session.absolute_lifetime")));
  check.error_if(s.session.refresh_grace >= s.session.idle_lifetime,
                 {"session.refresh_grace", "session.idle_lifetime"},
                 fmt::format("session.refresh_grace ({}) must be shorter than session.idle_lifetime ({})",
                             text("session.refresh_grace"), text("session.idle_lifetime")));
  check.error_if(s.keys.rotate_after != base::Seconds(0) && s.keys.rotate_after <= s.session.access_lifetime,
                 {"keys.rotate_after", "session.access_lifetime"},
                 fmt::format("keys.rotate_after ({}) must be longer than session.access_lifetime ({})",
                             text("keys.rotate_after"), text("session.access_lifetime")));
  check.error_if(s.lockout.first_lock > s.lockout.longest_lock,
                 {"lockout.first_lock", "lockout.longest_lock"},
                 fmt::format("lockout.first_lock ({}) must not be longer than lockout.longest_lock ({})",
                             text("lockout.first_lock"), text("lockout.longest_lock")));
  check.error_if(s.password.min_length > s.password.max_length,
                 {"password.min_length", "password.max_length"},
                 fmt::format("password.min_length ({}) must not be more than password.max_length ({})",
                             text("password.min_length"), text("password.max_length")));

  const std::string why_no_password = why_unreadable(s.database.password_file);
  check.error_if(!why_no_password.empty(), {"database.password_file"}, why_no_password);
  check.error_if(
      !s.database.password_file.empty() && !s.database.url.is_postgres(),
      {"database.password_file", "database.url"},
      "database.password_file is for PostgreSQL: set database.url to postgres://… or leave it out");

  check.error_if(s.tls.certificate.empty() != s.tls.private_key.empty(),
                 {"tls.certificate", "tls.private_key"},
                 s.tls.certificate.empty() ? "tls.private_key needs tls.certificate beside it"
                                           : "tls.certificate needs tls.private_key beside it");
  for (const auto& [name, file] :
       {std::pair("tls.certificate", &s.tls.certificate), std::pair("tls.private_key", &s.tls.private_key)}) {
    const std::string why = why_unreadable(*file);
    check.error_if(!why.empty(), {name}, why);
  }
  check.error_if(s.metrics.listen && s.metrics.listen->port != 0 && *s.metrics.listen == s.server.listen,
                 {"metrics.listen", "server.listen"},
                 "metrics.listen must differ from server.listen; leave it empty to serve /metrics there");
  check.error_if(!s.keys.master_secret.empty() && !s.keys.master_secret_file.empty(),
                 {"keys.master_secret", "keys.master_secret_file"},
                 "give either keys.master_secret or keys.master_secret_file, not both");

  check.error_if(s.signup.require_confirmation, {"signup.require_confirmation"},
                 "must be false: confirmation needs mail, which this version cannot send");
  check.error_if(s.signup.existing_account == ExistingAccount::silent, {"signup.existing_account"},
                 "must be error: the silent kind needs mail, which this version cannot send");

  // FlutterFlow allows all of these, and the project looks broken: the client compares the two pages, and a
  // page that needs a session sends people without one to the entry page.
  const auto needs_session = [](AppPage page) { return page == AppPage::home || page == AppPage::account; };
  const bool same_page = s.app.entry_page == s.app.logged_in_page;
  check.error_if(
      same_page, {"app.logged_in_page", "app.entry_page"},
      fmt::format("app.logged_in_page ({}) must differ from app.entry_page: a FlutterFlow app whose two "
                  "pages are the same never leaves that page after a sign-in; take login and home",
                  text("app.logged_in_page")));
  check.error_if(
      !same_page && needs_session(s.app.entry_page), {"app.entry_page"},
      fmt::format("must be login or signup: {} needs a session, and people without one are sent to "
                  "the entry page, which would be {} again",
                  text("app.entry_page"), text("app.entry_page")));
  check.error_if(!same_page && !needs_session(s.app.logged_in_page), {"app.logged_in_page"},
                 fmt::format("must be home or account: {} asks people to do what they have just done",
                             text("app.logged_in_page")));

  check.warn_if(
      !s.server.listen.is_loopback() && s.server.public_url.text.empty(),
      {"server.listen", "server.public_url"},
      "set server.public_url to the address by which apps reach the server; until then tokens carry the "
      "issuer " +
          live_issuer(s));
  check.warn_if(!is_argon2_strong_enough(s.password.argon2_memory, s.password.argon2_iterations),
                {"password.argon2_memory", "password.argon2_iterations"},
                "stored passwords are weaker than OWASP asks for: take at least 19MiB and 2 iterations");
  const std::uint64_t hash_memory = s.password.argon2_memory.bytes * hash_threads(s, machine);
  check.warn_if(machine.memory_bytes != 0 && hash_memory > machine.memory_bytes / 2,
                {"password.argon2_memory", "lanes.hash_threads"},
                fmt::format("{} hash threads of {} each take {} MiB, more than half of this machine's {} MiB",
                            hash_threads(s, machine), text("password.argon2_memory"), hash_memory >> 20,
                            machine.memory_bytes >> 20));
  check.warn_if(machine.max_open_files < std::uint64_t{s.server.max_connections} + 256,
                {"server.max_connections"},
                fmt::format("server.max_connections ({}) does not fit the limit of {} open files; raise that "
                            "(ulimit -Hn, LimitNOFILE=) or lower this",
                            s.server.max_connections, machine.max_open_files));
  check.warn_if(s.keys.algorithm == KeyAlgorithm::hs256, {"keys.algorithm"},
                "with HS256 nobody but this server can verify tokens, and the key set is empty");
  const auto secret = find_setting("keys.master_secret");
  const Origin& secret_origin =
      configuration.origins[static_cast<std::size_t>(secret - all_settings().data())];
  check.warn_if(secret_origin.layer == Layer::flag, {"keys.master_secret"},
                "other users of this machine can see arguments; use LATCHKEY_KEYS__MASTER_SECRET or "
                "keys.master_secret_file");
  const auto url = find_setting("database.url");
  const Origin& url_origin = configuration.origins[static_cast<std::size_t>(url - all_settings().data())];
  check.warn_if(
      s.database.url.has_password() && url_origin.layer == Layer::flag, {"database.url"},
      "other users of this machine can see arguments: put the password into database.password_file, "
      "or the URL into LATCHKEY_DATABASE__URL");
}

}  // namespace latchkey::config

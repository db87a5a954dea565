// Unit tests of reading, checking and showing the configuration.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "base/testing/fakes.h"
#include "config/loader.h"
#include "config/nearest_name.h"
#include "config/render.h"
#include "config/table.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace latchkey::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr Machine kMachine{.cores = 2, .memory_bytes = 8ULL << 30, .max_open_files = 1 << 20};
constexpr const char* kSecret = "0123456789abcdef0123456789abcdef";

Inputs file(std::string text) {
  return {.file = FileText{"latchkey.toml", std::move(text)}, .environment = {}, .flags = {}};
}
Inputs flag(std::string setting, std::string value) {
  return {.file = {}, .environment = {}, .flags = {{"--set", std::move(setting), std::move(value)}}};
}

// The problems as `config check` prints them, or the warnings when there is no error.
std::vector<std::string> problems_of(const Inputs& inputs, const Machine& machine = kMachine) {
  const auto loaded = load(inputs, machine);
  std::vector<std::string> lines;
  for (const Problem& problem : loaded ? loaded->warnings : loaded.error()) lines.push_back(problem.text());
  return lines;
}

Settings settings_of(const Inputs& inputs) {
  auto loaded = load(inputs, kMachine);
  EXPECT_TRUE(loaded) << render_problems(loaded.error());
  return loaded ? loaded->settings : Settings{};
}

std::string read_file(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST(SettingsTable, EveryRowIsWhole) {
  std::set<std::string_view> names;
  for (const Setting& setting : all_settings()) {
    EXPECT_TRUE(names.insert(setting.name).second) << setting.name;
    EXPECT_NE(find_section(setting.section()), nullptr) << setting.name;
    EXPECT_EQ(find_setting(setting.name), &setting);
    EXPECT_GT(setting.doc.size(), 6u) << setting.name;
    EXPECT_TRUE(setting.doc.ends_with('.')) << setting.name;
    EXPECT_FALSE(setting.form->empty()) << setting.name;
    EXPECT_TRUE(!setting.is_secret || setting.default_text.empty()) << setting.name;
  }
  for (const Section& section : all_sections()) EXPECT_TRUE(section.doc.ends_with('.')) << section.name;
}

TEST(SettingsTable, DefaultsAreWithinTheirBoundsAndComeBackAsText) {
  const Settings defaults = default_settings();
  for (const Setting& setting : all_settings()) {
    Settings other;
    GivenValue given{{std::string(setting.default_text)}, setting.is_list};
    if (setting.is_list && setting.default_text.empty()) given.items.clear();
    const auto assigned = setting.assign(other, given, setting.bounds);
    ASSERT_TRUE(assigned) << setting.name << " must be " << assigned.error();
    const std::string text = setting.confidential_text(defaults);
    EXPECT_EQ(setting.confidential_text(other), text) << setting.name;
    // Read again, the text means the same.
    GivenValue again{{text}, setting.is_list};
    if (setting.is_list && text.empty()) again.items.clear();
    ASSERT_TRUE(setting.assign(other, again, setting.bounds)) << setting.name;
    EXPECT_EQ(setting.confidential_text(other), text) << setting.name;
  }
}

TEST(SettingsTable, EveryNumberAndTimeHasBoundsThatHold) {
  for (const Setting& setting : all_settings()) {
    if (setting.bounds.most.empty()) {
      for (const auto* unbounded : {&Codec<std::uint32_t>::kForm, &Codec<ByteSize>::kForm,
                                    &Codec<base::Seconds>::kForm, &Codec<base::Milliseconds>::kForm})
        EXPECT_NE(setting.form, unbounded) << setting.name;
      continue;
    }
    Settings settings;
    const auto takes = [&](std::string_view text) {
      return setting.assign(settings, {{std::string(text)}, false}, setting.bounds).has_value();
    };
    EXPECT_TRUE(takes(setting.bounds.least)) << setting.name;
    EXPECT_TRUE(takes(setting.bounds.most)) << setting.name;
    const std::string beyond = "9" + std::string(setting.bounds.most);
    EXPECT_FALSE(takes(beyond)) << setting.name << " " << beyond;
    EXPECT_TRUE(!setting.bounds.allows_zero || takes("0")) << setting.name;
  }
}

TEST(SettingsTable, DefaultsGiveNoProblem) { EXPECT_THAT(problems_of({}), IsEmpty()); }

TEST(Load, LaterSourcesWin) {
  Inputs inputs =
      file("[session]\nidle_lifetime = \"10d\"\naccess_lifetime = \"10m\"\nclock_skew = \"5s\"\n");
  inputs.environment = {{"LATCHKEY_SESSION__IDLE_LIFETIME", "20d"},
                        {"LATCHKEY_SESSION__ACCESS_LIFETIME", "20m"}};
  inputs.flags = {{"--set", "session.idle_lifetime", "25d"}, {"--listen", "server.listen", "[::1]:0"}};
  const auto loaded = load(inputs, kMachine);
  ASSERT_TRUE(loaded) << render_problems(loaded.error());
  EXPECT_EQ(loaded->settings.session.idle_lifetime, std::chrono::days(25));
  EXPECT_EQ(loaded->settings.session.access_lifetime, std::chrono::minutes(20));
  EXPECT_EQ(loaded->settings.session.clock_skew, base::Seconds(5));
  EXPECT_EQ(loaded->settings.session.absolute_lifetime, std::chrono::days(180));
  EXPECT_EQ(loaded->settings.server.listen, (SocketAddress{"::1", 0}));
  const auto origin = [&](std::string_view name) {
    return loaded->origins[static_cast<std::size_t>(find_setting(name) - all_settings().data())].text;
  };
  EXPECT_EQ(origin("session.idle_lifetime"), "--set");
  EXPECT_EQ(origin("session.access_lifetime"), "LATCHKEY_SESSION__ACCESS_LIFETIME");
  EXPECT_EQ(origin("session.clock_skew"), "latchkey.toml:4");
  EXPECT_EQ(origin("session.absolute_lifetime"), "default");
  EXPECT_EQ(origin("server.listen"), "--listen");
}

TEST(Load, ReadsEveryKindOfValue) {
  const Settings s = settings_of(file(R"(
server.trusted_proxies = ["10.0.0.0/8", "::1"]
[http]
max_body_bytes = "64KiB"
body_timeout = "500ms"
[cors]
allowed_origins = ["https://App.example.com", "https://*.example.com:8443", "capacitor://localhost"]
[keys]
algorithm = "EdDSA"
rotate_after = 0
[rate_limit]
login = "7/10s"
enabled = false
[metrics]
listen = "localhost:9090"
[log]
level = "warn"
[app]
title = "Grüße & Co"
logged_in_page = "account"
navigation = "manual"
)"));
  EXPECT_EQ(s.app.title.text, "Grüße & Co");
  EXPECT_EQ(s.app.entry_page, AppPage::login);
  EXPECT_EQ(s.app.logged_in_page, AppPage::account);
  EXPECT_EQ(s.app.navigation, AppNavigation::manual);
  EXPECT_THAT(s.server.trusted_proxies, ElementsAre(AddressRange{"10.0.0.0/8"}, AddressRange{"::1"}));
  EXPECT_EQ(s.http.max_body_bytes.bytes, 65536u);
  EXPECT_EQ(s.http.body_timeout, base::Milliseconds(500));
  EXPECT_THAT(s.cors.allowed_origins, ElementsAre(OriginPattern{"https://app.example.com"},
                                                  OriginPattern{"https://*.example.com:8443"},
                                                  OriginPattern{"capacitor://localhost"}));
  EXPECT_EQ(s.keys.algorithm, KeyAlgorithm::eddsa);
  EXPECT_EQ(s.keys.rotate_after, base::Seconds(0));
  EXPECT_EQ(s.rate_limit.login, (Rate{7, base::Seconds(10)}));
  EXPECT_FALSE(s.rate_limit.enabled);
  EXPECT_EQ(s.metrics.listen, (SocketAddress{"127.0.0.1", 9090}));
  EXPECT_EQ(s.log.level, base::LogLevel::warn);
}

TEST(Load, ListsFromFlagsAreSeparatedByCommas) {
  EXPECT_THAT(settings_of(flag("server.trusted_proxies", "10.0.0.0/8, 192.0.2.1")).server.trusted_proxies,
              ElementsAre(AddressRange{"10.0.0.0/8"}, AddressRange{"192.0.2.1"}));
  EXPECT_THAT(settings_of(flag("cors.allowed_origins", "")).cors.allowed_origins, IsEmpty());
}

TEST(Load, NamesAllProblemsAtOnceWithTheirPlaces) {
  Inputs inputs = file(
      "listen = \"x\"\n"
      "[sesion]\n"
      "idle_lifetime = \"30d\"\n"
      "[server]\n"
      "listen = \"nowhere\"\n"
      "tls = { certificate = \"a\" }\n"
      "[password]\n"
      "argon2_iterations = 17\n"
      "min_length = [8]\n");
  inputs.environment = {{"LATCHKEY_LOG__LEVEL", "loud"},
                        {"LATCHKEY_SERVER_LISTEN", "127.0.0.1:1"},
                        {"LATCHKEY_PORT", "tcp://10.0.0.1:80"},
                        {"LATCHKEY_LOG__FORMATT", "json"}};
  inputs.flags = {{"--set", "session.idle_lifetime", "200d"}, {"--set", "zzz.qqq", "1"}};
  EXPECT_THAT(
      problems_of(inputs),
      ElementsAre(
          "LATCHKEY_SERVER_LISTEN: error: server.listen: two underscores stand between section and key: "
          "LATCHKEY_SERVER__LISTEN",
          "latchkey.toml:1: error: listen: there is no such setting; did you mean server.listen?",
          "latchkey.toml:3: error: sesion.idle_lifetime: there is no such setting; did you mean "
          "session.idle_lifetime?",
          "latchkey.toml:5: error: server.listen must be an IP address and a port, such as 127.0.0.1:8484, "
          "0.0.0.0:80 or [::]:8484, not \"nowhere\"",
          "latchkey.toml:6: error: server.tls: there is no such setting",
          "latchkey.toml:8: error: password.argon2_iterations must be 1 to 16, not \"17\"",
          "latchkey.toml:9: error: password.min_length must be a whole number, not a list, not [\"8\"]",
          "LATCHKEY_LOG__LEVEL: error: log.level must be debug, info, notice, warn or error, not \"loud\"",
          "LATCHKEY_LOG__FORMATT: error: log.formatt: there is no such setting; did you mean log.format?",
          "--set: error: zzz.qqq: there is no such setting",
          "--set: error: session.idle_lifetime (200d) must not be longer than session.absolute_lifetime "
          "(180d)"));
}

TEST(Load, BrokenTomlIsOneProblemAtItsLine) {
  Inputs inputs = file("[server]\nlisten = \"127.0.0.1:1\nx\n");
  inputs.flags = {{"--set", "log.level", "loud"}};
  const auto problems = problems_of(inputs);
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_THAT(problems[0], ::testing::StartsWith("latchkey.toml:2: error: this is not TOML: "));
  EXPECT_THAT(problems[1], HasSubstr("log.level"));
}

TEST(Load, NamesTheNearestSetting) {
  EXPECT_EQ(nearest_setting("server.lisen"), "server.listen");
  EXPECT_EQ(nearest_setting("sever.listen"), "server.listen");
  EXPECT_EQ(nearest_setting("http.trusted_proxies"), "server.trusted_proxies");
  EXPECT_EQ(nearest_setting("idle_lifetime"), "session.idle_lifetime");
  EXPECT_EQ(nearest_setting("rate_limit.anonymuos"), "rate_limit.anonymous");
  EXPECT_EQ(nearest_setting("something.else.entirely"), "");
  EXPECT_EQ(nearest_setting(std::string(100'000, 'a')), "");
}

TEST(Load, RefusesValuesOfTheWrongForm) {
  const std::string long_title(101, 'x');
  const std::vector<std::pair<const char*, std::vector<const char*>>> wrong = {
      {"server.listen",
       {"", "127.0.0.1", ":8484", "127.0.0.1:65536", "::1:80", "[127.0.0.1]:80", "example.com:80",
        "1.2.3:80"}},
      {"server.public_url",
       {"example.com", "ftp://example.com", "https://", "https://a b", "https://x?y=1", "https://x#f",
        "https://u@x"}},
      {"server.trusted_proxies", {"10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "proxy.local", "::1/129", ","}},
      {"server.shutdown_timeout",
       {"", "10", "10 s", "-1s", "1.5s", "500ms", "1w", "s", "99999999999999999999s", "11m"}},
      {"http.max_body_bytes", {"1MB", "64kib", "256 KiB", "17MiB", "99999999999GiB"}},
      {"http.body_timeout", {"30", "99ms"}},
      {"cors.allowed_origins",
       {"example.com", "https://example.com/", "https://exa*mple.com", "https://", "://x", "https://*"}},
      {"database.url", {"mysql://x", "sqlite:", "latchkey.db", "postgres:db"}},
      {"rate_limit.login", {"30", "0/1m", "30/0", "30/2d", "x/1m", "30/1m/1m", "30/500ms"}},
      {"password.min_score", {"5", "-1", "2.5", "0x2", "two"}},
      {"signup.enabled", {"yes", "1", "True", ""}},
      {"keys.algorithm", {"none", "es256", "ES512"}},
      {"keys.rotate_after", {"59m", "3651d"}},
      {"keys.master_secret", {"short", "0123456789abcdef0123456789abcdef,short"}},
      {"metrics.listen", {"9090"}},
      {"app.title", {"", "  ", "two\nlines", "a\tb", long_title.c_str()}},
      {"app.entry_page", {"", "Login", "/login", "start"}},
      {"app.logged_in_page", {"profile"}},
      {"app.navigation", {"auto", "none"}},
  };
  for (const auto& [name, values] : wrong) {
    for (const char* value : values) {
      const auto problems = problems_of(flag(name, value));
      ASSERT_EQ(problems.size(), 1u) << name << " = " << value;
      EXPECT_THAT(problems[0], HasSubstr(std::string(name) + " must be ")) << value;
    }
  }
}

TEST(Load, WebAddressesAreNormalised) {
  EXPECT_EQ(
      settings_of(flag("server.public_url", "HTTPS://Auth.Example.com:8443/Base//")).server.public_url.text,
      "https://auth.example.com:8443/Base");
  EXPECT_EQ(settings_of(flag("server.public_url", "http://[::1]:80/")).server.public_url.text,
            "http://[::1]:80");
}

TEST(Load, ChecksSettingsThatBelongTogether) {
  const std::vector<std::pair<std::vector<std::pair<const char*, const char*>>, const char*>> cases = {
      {{{"session.access_lifetime", "1h"}, {"session.idle_lifetime", "1h"}},
       "must be shorter than session.idle_lifetime"},
      {{{"session.absolute_lifetime", "29d"}}, "must not be longer than session.absolute_lifetime"},
      {{{"session.refresh_grace", "5m"}, {"session.idle_lifetime", "4m"}, {"session.access_lifetime", "1m"}},
       "session.refresh_grace (5m) must be shorter"},
      {{{"keys.rotate_after", "1h"}}, "must be longer than session.access_lifetime"},
      {{{"lockout.first_lock", "1h"}}, "lockout.first_lock (1h) must not be longer"},
      {{{"password.min_length", "100"}, {"password.max_length", "64"}},
       "must not be more than password.max_length"},
      {{{"metrics.listen", "127.0.0.1:8484"}}, "must differ from server.listen"},
      {{{"keys.master_secret", kSecret}, {"keys.master_secret_file", "x"}}, "not both"},
      {{{"signup.require_confirmation", "true"}}, "needs mail"},
      {{{"signup.existing_account", "silent"}}, "needs mail"},
      {{{"data.path", ""}}, "must not be empty"},
      {{{"app.logged_in_page", "login"}},
       "--set: error: app.logged_in_page (login) must differ from app.entry_page: a FlutterFlow app"},
      {{{"app.entry_page", "home"}}, "(home) must differ from app.entry_page"},
      {{{"app.entry_page", "account"}}, "app.entry_page: must be login or signup: account needs a session"},
      {{{"app.logged_in_page", "signup"}}, "app.logged_in_page: must be home or account: signup asks"},
  };
  for (const auto& [given, expected] : cases) {
    Inputs inputs;
    for (const auto& [name, value] : given) inputs.flags.push_back({"--set", name, value});
    const auto loaded = load(inputs, kMachine);
    ASSERT_FALSE(loaded) << expected;
    EXPECT_THAT(render_problems(loaded.error()), HasSubstr(expected));
  }
  EXPECT_THAT(problems_of({.file = {},
                           .environment = {},
                           .flags = {{"--set", "metrics.listen", "127.0.0.1:0"},
                                     {"--set", "server.listen", "127.0.0.1:0"}}}),
              IsEmpty());
}

TEST(Load, TlsNeedsBothFilesAndMustBeAbleToReadThem) {
  const base::testing::TemporaryFolder folder;
  const std::string certificate = (folder.path() / "cert.pem").string();
  std::ofstream(certificate) << "x";
  EXPECT_THAT(problems_of(flag("tls.certificate", certificate)),
              ElementsAre("--set: error: tls.certificate needs tls.private_key beside it"));
  Inputs both = flag("tls.certificate", certificate);
  both.flags.push_back({"--set", "tls.private_key", certificate + ".key"});
  EXPECT_THAT(problems_of(both), ElementsAre(HasSubstr("cannot be read: No such file or directory")));
  both.flags.back().value = certificate;
  EXPECT_THAT(problems_of(both), IsEmpty());
}

TEST(Load, WarnsOfWhatMayBeWanted) {
  EXPECT_THAT(problems_of(flag("server.listen", "0.0.0.0:80")),
              ElementsAre(HasSubstr("set server.public_url")));
  EXPECT_THAT(problems_of(flag("password.argon2_iterations", "1")),
              ElementsAre(HasSubstr("weaker than OWASP")));
  EXPECT_THAT(problems_of(flag("keys.algorithm", "HS256")), ElementsAre(HasSubstr("nobody but this server")));
  EXPECT_THAT(
      problems_of(flag("lanes.hash_threads", "256"),
                  {.cores = 2, .memory_bytes = 1 << 30, .max_open_files = 1 << 20}),
      ElementsAre("--set: warning: lanes.hash_threads: 256 hash threads of 19MiB each take 4864 MiB, more "
                  "than half of this machine's 1024 MiB"));
  EXPECT_THAT(problems_of({}, {.cores = 2, .memory_bytes = 8ULL << 30, .max_open_files = 1024}),
              ElementsAre(HasSubstr("limit of 1024 open files")));
}

TEST(Load, SecretsAreNeverShown) {
  Inputs inputs = file(std::string("[keys]\nmaster_secret = [\"") + kSecret + "\", \"tooshort-secret\"]\n");
  const auto refused = load(inputs, kMachine);
  ASSERT_FALSE(refused);
  EXPECT_THAT(render_problems(refused.error()), Not(HasSubstr("0123456789")));
  EXPECT_THAT(render_problems(refused.error()), Not(HasSubstr("tooshort")));

  inputs = flag("keys.master_secret", std::string(kSecret) + "," + std::string(32, 'z'));
  const auto loaded = load(inputs, kMachine);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->settings.keys.master_secret.size(), 2u);
  EXPECT_THAT(loaded->warnings, ::testing::SizeIs(1));  // on the command line
  for (const std::string& shown :
       {render_toml(*loaded), render_json(*loaded), render_problems(loaded->warnings)}) {
    EXPECT_THAT(shown, Not(HasSubstr("0123456789")));
    EXPECT_THAT(shown, Not(HasSubstr("zzzz")));
  }
}

TEST(Loader, FindsTheFileByFlagVariableOrPlace) {
  const base::testing::TemporaryFolder folder;
  const auto path = folder.path() / "other.toml";
  std::ofstream(path) << "[log]\nlevel = \"debug\"\n";
  for (const Loader& loader : {Loader(path, {}, {}), Loader({}, {{"LATCHKEY_CONFIG", path.string()}}, {})}) {
    const auto loaded = loader.load(kMachine);
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->settings.log.level, base::LogLevel::debug);
  }
  const Loader missing(folder.path() / "missing.toml", {}, {{"--set", "log.level", "loud"}});
  const auto loaded = missing.load(kMachine);
  ASSERT_FALSE(loaded);
  ASSERT_EQ(loaded.error().size(), 2u);
  EXPECT_EQ(loaded.error()[0].message, "the configuration file cannot be read: No such file or directory");
  EXPECT_FALSE(Loader(folder.path(), {}, {}).load(kMachine));
}

TEST(Loader, ReadsTheFileAgain) {
  const base::testing::TemporaryFolder folder;
  const auto path = folder.path() / "latchkey.toml";
  const Loader loader(path, {}, {});
  std::ofstream(path) << "[log]\nlevel = \"debug\"\n";
  const auto before = loader.load(kMachine);
  std::ofstream(path) << "[log]\nlevel = \"warn\"\n[server]\nlisten = \"127.0.0.1:1\"\n";
  const auto after = loader.load(kMachine);
  ASSERT_TRUE(before && after);
  const Reload reload = plan_reload(before->settings, after->settings);
  EXPECT_THAT(reload.changed, ElementsAre("log.level"));
  EXPECT_THAT(reload.needs_restart, ElementsAre("server.listen"));
  EXPECT_EQ(reload.settings.log.level, base::LogLevel::warn);
  EXPECT_EQ(reload.settings.server.listen.port, 8484);
}

TEST(Derived, TheIssuerDoesNotDependOnThePort) {
  EXPECT_EQ(live_issuer(settings_of(flag("server.listen", "127.0.0.1:0"))), live_issuer(default_settings()));
  EXPECT_EQ(live_issuer(settings_of(flag("server.public_url", "https://auth.example.com/"))),
            "https://auth.example.com/auth/v1");
}

TEST(Derived, FilesFollowTheDataFolder) {
  const Settings s = settings_of(flag("data.path", "/var/lib/latchkey"));
  EXPECT_EQ(database_file(s), "/var/lib/latchkey/latchkey.db");
  EXPECT_EQ(master_secret_file(s), "/var/lib/latchkey/master.key");
  EXPECT_EQ(database_file(settings_of(flag("database.url", "sqlite:/tmp/a:b.db"))), "/tmp/a:b.db");
  EXPECT_EQ(hash_threads(s, kMachine), 2u);
  EXPECT_EQ(io_threads(settings_of(flag("server.io_threads", "5")), kMachine), 5u);
}

TEST(DatabaseUrl, ItsPasswordIsNeverShown) {
  const std::vector<std::pair<const char*, const char*>> shown = {
      {"postgres://ada:s3cret@db.example:5432/auth?sslmode=require",
       "postgres://ada:(hidden)@db.example:5432/auth?sslmode=require"},
      {"postgresql://ada:p@ss@db/auth", "postgresql://ada:(hidden)@db/auth"},
      {"postgres://ada@db/auth?password=s3cret&sslmode=require",
       "postgres://ada@db/auth?password=(hidden)&sslmode=require"},
      {"postgres:///auth?host=/run/postgresql&sslpassword=s3cret",
       "postgres:///auth?host=/run/postgresql&sslpassword=(hidden)"},
      {"postgres://ada@db:5432/auth", "postgres://ada@db:5432/auth"},
      {"sqlite:/tmp/a:b@c.db", "sqlite:/tmp/a:b@c.db"}};
  for (const auto& [given, expected] : shown) {
    const auto loaded = load(flag("database.url", given), kMachine);
    ASSERT_TRUE(loaded) << given;
    const Settings& settings = loaded->settings;
    EXPECT_EQ(settings.database.url.shown(), expected);
    EXPECT_EQ(find_setting("database.url")->hides(settings), std::string_view(given) != expected);
    EXPECT_THAT(render_toml(*loaded), Not(HasSubstr("s3cret")));
    EXPECT_THAT(render_json(*loaded), Not(HasSubstr("s3cret")));
    EXPECT_THAT(render_toml(*loaded), HasSubstr(expected));
  }
  EXPECT_FALSE(database_file(settings_of(flag("database.url", "postgres://db/auth"))));
}

TEST(Render, PrintedSettingsCanBeReadAgain) {
  Inputs inputs = flag("server.public_url", "https://x.example/\"quoted\"");
  inputs.flags.push_back({"--set", "server.trusted_proxies", "10.0.0.0/8,::1"});
  const auto loaded = load(inputs, kMachine);
  ASSERT_TRUE(loaded);
  const Settings again = settings_of(file(render_toml(*loaded)));
  for (const Setting& setting : all_settings())
    EXPECT_EQ(setting.confidential_text(again), setting.confidential_text(loaded->settings)) << setting.name;
}

TEST(Fuzz, TheCorpusRuns) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(LATCHKEY_SOURCE_DIR "/fuzz/corpus/config")) {
    const std::string input = read_file(entry.path());
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
    ++count;
  }
  EXPECT_GE(count, 5u);
}

// Made with: latchkey config reference > docs/configuration.md
TEST(Render, TheReferencePageIsUpToDate) {
  EXPECT_EQ(render_reference(), read_file(LATCHKEY_SOURCE_DIR "/docs/configuration.md"));
}

}  // namespace
}  // namespace latchkey::config

// Runs the real program on a folder of its own: every command, its output, its exit code.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/json.hpp>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "base/testing/fakes.h"
#include "base/version.h"
#include "cli/table.h"
#include "config/table.h"

namespace latchkey::cli {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using Arguments = std::vector<std::string>;

constexpr const char* kPassword = "violet-harbour-41-kettle";

struct Outcome {
  int exit_code = -1;
  std::string out, err;
};

// What the descriptor gives until its other end is closed.
std::string drain(int descriptor) {
  std::string text;
  std::array<char, 4096> buffer{};
  ssize_t count = 0;
  while ((count = read(descriptor, buffer.data(), buffer.size())) > 0)
    text.append(buffer.data(), static_cast<std::size_t>(count));
  return text;
}

// What a command of the shell writes to standard output.
std::string output_of(const std::string& command) {
  FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) std::abort();
  std::string text = drain(fileno(pipe));
  pclose(pipe);
  return text;
}

// The program as a child. Pipes on its three streams unless it is given a terminal for the first.
class Child {
 public:
  explicit Child(const Arguments& arguments, int terminal = -1) {
    int in[2], out[2], err[2];
    std::signal(SIGPIPE, SIG_IGN);  // a program may end without reading its input
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0) std::abort();
    pid_ = fork();
    if (pid_ == 0) {
      dup2(terminal >= 0 ? terminal : in[0], STDIN_FILENO);
      dup2(out[1], STDOUT_FILENO);
      dup2(err[1], STDERR_FILENO);
      std::vector<char*> argv{const_cast<char*>("latchkey")};
      for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
      argv.push_back(nullptr);
      execv(LATCHKEY_BINARY, argv.data());
      _exit(127);
    }
    close(in[0]);
    close(out[1]);
    close(err[1]);
    in_ = in[1];
    out_ = out[0];
    err_ = err[0];
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    for (const int descriptor : {in_, out_, err_}) {
      if (descriptor >= 0) close(descriptor);
    }
  }

  void signal(int number) const { kill(pid_, number); }
  void send(std::string_view text) const {
    if (write(in_, text.data(), text.size()) < 0 && errno != EPIPE) std::abort();
  }
  // A line of standard output; empty when it has ended.
  std::string read_line() const {
    std::string line;
    char c = 0;
    while (read(out_, &c, 1) == 1 && c != '\n') line += c;
    return line;
  }
  // Reads standard error up to and with `text`.
  std::string read_error_until(std::string_view text) const {
    std::string seen;
    char c = 0;
    while (!seen.ends_with(text) && read(err_, &c, 1) == 1) seen += c;
    return seen;
  }
  // Closes standard input and waits for the end.
  Outcome finish() {
    close(std::exchange(in_, -1));
    Outcome outcome;
    outcome.out = drain(out_);
    outcome.err = drain(err_);
    int status = 0;
    waitpid(std::exchange(pid_, -1), &status, 0);
    outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return outcome;
  }

 private:
  pid_t pid_ = -1;
  int in_ = -1, out_ = -1, err_ = -1;
};

// A data folder and the program on it. Hashes are cheap here, so that tests are quick.
class CliTest : public ::testing::Test {
 protected:
  std::string data() const { return (folder_.path() / "data").string(); }
  Arguments with_data(Arguments arguments) const {
    arguments.insert(arguments.end(), {"--data", data(), "--set", "password.argon2_memory=64KiB"});
    return arguments;
  }
  Outcome run(const Arguments& arguments, std::string_view input = {}) const {
    Child child(with_data(arguments));
    child.send(input);
    return child.finish();
  }
  // A command that must succeed and print JSON.
  json::value run_json(Arguments arguments, std::string_view input = {}) const {
    arguments.emplace_back("--json");
    const Outcome outcome = run(arguments, input);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    json::error_code failed;
    json::value value = json::parse(outcome.out, failed);
    EXPECT_FALSE(failed) << outcome.out;
    return value;
  }
  // Adds an account; its id.
  std::string add_user(const std::string& email) const {
    const json::value added = run_json({"user", "add", "--email", email, "--password-stdin"}, kPassword);
    return std::string(added.at("user").at("id").as_string());
  }

  base::testing::TemporaryFolder folder_;
};

// --- arguments, help, version
// -------------------------------------------------------------------------------

TEST_F(CliTest, version_is_printed) {
  const Outcome outcome = run({"version"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out, "latchkey " + std::string(base::version()) + "\n");
  EXPECT_EQ(run_json({"version"}).at("version").as_string(), base::version());
}

TEST_F(CliTest, help_names_the_commands_and_the_exit_codes) {
  const Outcome outcome = run({"--help"});
  EXPECT_EQ(outcome.exit_code, 0);
  for (const char* command :
       {"serve", "user", "session", "keys", "migrate", "config", "openapi", "completion", "version"})
    EXPECT_THAT(outcome.out, HasSubstr(std::string("\n  ") + command)) << command;
  EXPECT_THAT(outcome.out, HasSubstr("Exit codes:"));
  EXPECT_THAT(run({"user", "add", "--help"}).out, HasSubstr("--password-stdin"));
}

// What a program's help says about one of its commands and those below it.
struct CommandHelp {
  std::string path;                  // "user add"; empty for the program itself
  std::vector<std::string> options;  // "--email"
  bool has_commands = false;
};

// The first words of the indented lines below that heading.
std::vector<std::string> words_below(const std::string& help, const std::string& heading) {
  std::vector<std::string> words;
  std::istringstream lines(help);
  std::string line;
  while (std::getline(lines, line) && line != heading) {
  }
  while (std::getline(lines, line) && line.starts_with("  ")) {
    const std::size_t begin = line.find_first_not_of(' ');
    if (begin > 2) continue;  // a description goes on
    words.push_back(line.substr(begin, line.find(' ', begin) - begin));
  }
  return words;
}

// Every "--name" in the text.
std::set<std::string> options_in(const std::string& text) {
  static const std::regex kOption("--[a-z][a-z-]*");
  return {std::sregex_token_iterator(text.begin(), text.end(), kOption), std::sregex_token_iterator()};
}

class DocumentationTest : public CliTest {
 protected:
  // The help of the whole tree, asked as a person would.
  std::vector<CommandHelp> all_help(const Arguments& command = {}) const {
    Arguments arguments = command;
    arguments.emplace_back("--help");
    const std::string help = run(arguments).out;
    CommandHelp own;
    for (const std::string& word : command) own.path.append(own.path.empty() ? "" : " ").append(word);
    for (const std::string& names : words_below(help, "Options:"))
      if (const std::size_t name = names.find("--"); name != names.npos)
        own.options.push_back(names.substr(name, names.find(',', name) - name));
    const std::vector<std::string> below = words_below(help, "Subcommands:");
    own.has_commands = !below.empty();
    std::vector<CommandHelp> all{own};
    for (const std::string& name : below) {
      Arguments inner = command;
      inner.push_back(name);
      for (CommandHelp& each : all_help(inner)) all.push_back(std::move(each));
    }
    return all;
  }
  // The line of the table that describes a command.
  std::string row_of(const std::string& path) const {
    std::istringstream lines(page_);
    for (std::string line; std::getline(lines, line);) {
      const std::string first = line.substr(0, line.find('|', 1));
      if (first.starts_with("| `") &&
          (first.find("`" + path + "`") != first.npos || first.find("`" + path + " ") != first.npos)) {
        return line;
      }
    }
    return {};
  }

  const std::string page_ = [] {
    std::ostringstream text;
    text << std::ifstream(LATCHKEY_SOURCE_DIR "/docs/cli.md").rdbuf();
    return text.str();
  }();
};

TEST_F(DocumentationTest, names_every_command_with_its_options_and_no_other_option) {
  std::set<std::string> known;
  const std::vector<CommandHelp> all = all_help();
  EXPECT_GT(all.size(), 20u);
  for (const CommandHelp& command : all) {
    known.insert(command.options.begin(), command.options.end());
    const std::string text = command.path.empty() ? page_ : row_of(command.path);
    EXPECT_TRUE(command.has_commands || !text.empty()) << command.path;
    for (const std::string& option : command.options) {
      if (option == "--help" && !command.path.empty()) continue;
      EXPECT_TRUE(options_in(text).contains(option)) << command.path << ": " << option;
    }
  }
  for (const std::string& option : options_in(page_)) EXPECT_TRUE(known.contains(option)) << option;
}

TEST_F(DocumentationTest, has_the_exit_codes_of_the_help) {
  std::istringstream lines(run({"--help"}).out);
  std::string line;
  while (std::getline(lines, line) && line != "Exit codes:") {
  }
  int codes = 0;
  for (; std::getline(lines, line) && line.starts_with("  "); ++codes)
    EXPECT_THAT(page_, HasSubstr("\n| " + line.substr(2, 1) + " | " + line.substr(5) + " |\n"));
  EXPECT_EQ(codes, 6);
}

TEST_F(CliTest, wrong_arguments_are_exit_2) {
  const std::vector<Arguments> wrong = {{},
                                        {"usr"},
                                        {"user"},
                                        {"user", "frobnicate"},
                                        {"user", "show"},
                                        {"user", "show", "a", "b"},
                                        {"user", "list", "--limit", "0"},
                                        {"user", "list", "--after", "x"},
                                        {"user", "add", "--no-password", "--password-stdin"},
                                        {"user", "add", "--password", "x"},
                                        {"session", "revoke"},
                                        {"session", "revoke", "x", "--user", "y"},
                                        {"completion", "powershell"},
                                        {"migrate", "--dry-run"},
                                        {"migrate", "--status", "--to", "sqlite:x"},
                                        {"migrate", "--to", ""},
                                        {"migrate", "--to", "mysql://x"},
                                        {"migrate", "--from", "sqlite:x", "--to-password-file", "y"},
                                        {"config", "print", "--set", "nothing"},
                                        {"version", "--nonsense"}};
  for (const Arguments& arguments : wrong) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, 2) << ::testing::PrintToString(arguments);
    EXPECT_EQ(outcome.out, "");
    EXPECT_THAT(outcome.err, StartsWith("latchkey: "));
  }
  EXPECT_FALSE(std::filesystem::exists(data()));
  const Outcome as_json = run({"--json", "user", "frobnicate"});
  EXPECT_EQ(json::parse(as_json.err).at("error").at("code").as_string(), "usage");
}

// --- config
// -------------------------------------------------------------------------------------------------

TEST_F(CliTest, config_check_names_all_problems) {
  EXPECT_EQ(run({"config", "check"}).exit_code, 0);
  const Arguments wrong = {"config", "check", "--set", "log.levle=debug", "--listen", "nowhere"};
  const Outcome outcome = run(wrong);
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_THAT(outcome.out,
              HasSubstr("--set: error: log.levle: there is no such setting; did you mean log.level?"));
  EXPECT_THAT(outcome.out, HasSubstr("--listen: error: server.listen must be"));
  Arguments as_json = wrong;
  as_json.emplace_back("--json");
  const json::value problems = json::parse(run(as_json).out);
  EXPECT_FALSE(problems.at("ok").as_bool());
  EXPECT_EQ(problems.at("problems").as_array().size(), 3u);  // and the cheap hashes
}

TEST_F(CliTest, mistakes_in_the_configuration_are_exit_3_everywhere) {
  for (const Arguments& command : std::vector<Arguments>{
           {"serve"}, {"user", "list"}, {"keys", "list"}, {"migrate"}, {"openapi"}, {"config", "print"}}) {
    Arguments arguments = command;
    arguments.insert(arguments.end(), {"--set", "log.level=loud"});
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, 3) << command.front();
    EXPECT_THAT(outcome.err, HasSubstr("log.level must be")) << command.front();
    arguments.emplace_back("--json");
    EXPECT_EQ(json::parse(run(arguments).err).at("error").at("code").as_string(), "configuration");
  }
}

TEST_F(CliTest, config_print_shows_values_with_their_origin) {
  const auto file = folder_.path() / "latchkey.toml";
  std::ofstream(file) << "[session]\nidle_lifetime = \"7d\"\n[keys]\nmaster_secret = [\""
                      << std::string(32, 's') << "\"]\n";
  const Outcome outcome = run({"config", "print", "--config", file.string()});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("idle_lifetime = \"7d\"  # " + file.string() + ":2"));
  EXPECT_THAT(outcome.out, HasSubstr("path = \"" + data() + "\"  # --data"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("ssss")));
  const json::value printed = run_json({"config", "print", "--config", file.string()});
  EXPECT_EQ(printed.at("settings").as_array().size(), config::all_settings().size());
}

TEST_F(CliTest, config_reference_is_the_page_in_the_documentation) {
  std::ostringstream page;
  page << std::ifstream(LATCHKEY_SOURCE_DIR "/docs/configuration.md").rdbuf();
  EXPECT_EQ(run({"config", "reference"}).out, page.str());
  EXPECT_EQ(run_json({"config", "reference"}).at("settings").as_array().size(),
            config::all_settings().size());
}

TEST_F(CliTest, settings_come_from_the_environment_too) {
  setenv("LATCHKEY_SESSION__IDLE_LIFETIME", "3d", 1);
  const Outcome outcome = run({"config", "print"});
  unsetenv("LATCHKEY_SESSION__IDLE_LIFETIME");
  EXPECT_THAT(outcome.out, HasSubstr("idle_lifetime = \"3d\"  # LATCHKEY_SESSION__IDLE_LIFETIME"));
}

// --- accounts
// -----------------------------------------------------------------------------------------------

TEST_F(CliTest, accounts_are_added_shown_and_listed) {
  const std::string id = add_user("Ada@Example.com");
  const Outcome grace = run({"user", "add", "--username", "grace", "--phone", "+49 30 123456", "--role",
                             "admin", "--app-metadata", R"({"plan":"pro"})", "--no-password"});
  EXPECT_EQ(grace.exit_code, 0) << grace.err;
  EXPECT_THAT(grace.out, StartsWith("Added grace with id "));

  for (const std::string& who : {id, std::string("ada@example.com"), std::string("ADA@example.com")}) {
    const json::value shown = run_json({"user", "show", who});
    EXPECT_EQ(shown.at("user").at("id").as_string(), id);
    EXPECT_EQ(shown.at("user").at("email").as_string(), "ada@example.com");
  }
  const json::value shown = run_json({"user", "show", "+4930123456"});
  EXPECT_EQ(shown.at("user").at("role").as_string(), "admin");
  EXPECT_EQ(shown.at("user").at("app_metadata").at("plan").as_string(), "pro");
  EXPECT_THAT(run({"user", "show", "grace"}).out, HasSubstr("User name:     grace"));

  const json::value first = run_json({"user", "list", "--limit", "1"});
  ASSERT_EQ(first.at("users").as_array().size(), 1u);
  EXPECT_EQ(first.at("next_after").as_string(), id);
  const json::value rest = run_json({"user", "list", "--after", id});
  ASSERT_EQ(rest.at("users").as_array().size(), 1u);
  EXPECT_EQ(rest.at("users").at(0).at("username").as_string(), "grace");
  EXPECT_TRUE(rest.at("next_after").is_null());
  EXPECT_THAT(run({"user", "list"}).out, HasSubstr("ada@example.com"));
}

TEST_F(CliTest, what_is_not_possible_is_exit_1) {
  add_user("ada@example.com");
  const std::vector<std::pair<Arguments, const char*>> refused = {
      {{"user", "add", "--email", "ada@example.com", "--password-stdin"}, "user_already_exists"},
      {{"user", "add", "--email", "nonsense", "--password-stdin"}, "validation_failed"},
      {{"user", "add", "--password-stdin"}, "validation_failed"},
      {{"user", "add", "--email", "x@example.com", "--user-metadata", "[]", "--no-password"},
       "validation_failed"},
      {{"user", "add", "--email", "x@example.com", "--role", "No Role", "--no-password"},
       "validation_failed"},
      {{"user", "add", "--email", "x@example.com"}, "validation_failed"},  // no terminal to ask
      {{"user", "add", "--email", "x@example.com", "--password-hash-stdin"}, "validation_failed"},
      {{"user", "show", "nobody@example.com"}, "not_found"},
      {{"user", "disable", "01890000-0000-7000-8000-000000000000"}, "not_found"},
      {{"user", "delete", "nobody@example.com", "--yes"}, "not_found"},
      {{"session", "list", "nobody@example.com"}, "not_found"},
      {{"session", "revoke", "not-an-id"}, "not_found"},
      {{"session", "revoke", "01890000-0000-7000-8000-000000000000"}, "not_found"},
      {{"session", "revoke", "--user", "nobody@example.com"}, "not_found"}};
  for (const auto& [arguments, code] : refused) {
    const Outcome outcome = run(arguments, kPassword);
    EXPECT_EQ(outcome.exit_code, 1) << ::testing::PrintToString(arguments) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    EXPECT_THAT(outcome.err, StartsWith("latchkey: "));
    EXPECT_THAT(outcome.err, Not(HasSubstr(kPassword)));
    Arguments as_json = arguments;
    as_json.emplace_back("--json");
    const json::value error = json::parse(run(as_json, kPassword).err).at("error");
    EXPECT_EQ(error.at("code").as_string(), code) << ::testing::PrintToString(arguments);
    EXPECT_FALSE(error.at("message").as_string().empty());
  }
}

TEST_F(CliTest, weak_passwords_are_refused_with_the_reason) {
  const Outcome outcome = run({"user", "add", "--email", "ada@example.com", "--password-stdin"}, "short\n");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("8"));
  EXPECT_EQ(run({"user", "add", "--email", "ada@example.com", "--password-stdin"}, "\n").exit_code, 1);
}

TEST_F(CliTest, imported_hashes_are_taken_over) {
  constexpr const char* kBcrypt = "$2b$04$5VbLTZ/u8TEQ0GYPWkBxSe4Cs8jCUvLHcrLRWk7JlLrdgWSmyDrEC";
  const Outcome outcome =
      run({"user", "add", "--email", "ada@example.com", "--password-hash-stdin"}, kBcrypt);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
}

TEST_F(CliTest, accounts_are_disabled_enabled_and_deleted) {
  const std::string id = add_user("ada@example.com");
  EXPECT_TRUE(run_json({"user", "disable", id}).at("user").at("disabled").as_bool());
  EXPECT_THAT(run({"user", "show", id}).out, HasSubstr("Disabled:      yes"));
  EXPECT_FALSE(run_json({"user", "enable", "ada@example.com"}).at("user").at("disabled").as_bool());
  EXPECT_EQ(run({"user", "delete", id}).exit_code, 2);  // no terminal to ask
  EXPECT_EQ(run({"user", "delete", id, "--yes"}).out, "Deleted ada@example.com.\n");
  EXPECT_EQ(run({"user", "show", id}).exit_code, 1);
}

// A terminal whose other end the test holds.
class Terminal {
 public:
  Terminal() : master_(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    if (grantpt(master_) != 0 || unlockpt(master_) != 0) std::abort();
    slave_ = open(ptsname(master_), O_RDWR | O_NOCTTY | O_CLOEXEC);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal() {
    close(slave_);
    close(master_);
  }
  int slave() const { return slave_; }
  void type(std::string_view text) const {
    if (write(master_, text.data(), text.size()) < 0) std::abort();
  }
  // What the terminal would show until now.
  std::string screen() const {
    std::string text;
    pollfd wanted{.fd = master_, .events = POLLIN, .revents = 0};
    std::array<char, 256> buffer{};
    while (poll(&wanted, 1, 0) == 1 && (wanted.revents & POLLIN) != 0) {
      const ssize_t count = read(master_, buffer.data(), buffer.size());
      if (count <= 0) break;
      text.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return text;
  }

 private:
  int master_, slave_ = -1;
};

TEST_F(CliTest, passwords_typed_at_a_terminal_are_not_shown) {
  const std::string id = add_user("ada@example.com");
  const Terminal terminal;
  const auto set_password = [&](std::string_view first, std::string_view second) {
    Child child(with_data({"user", "set-password", id}), terminal.slave());
    child.read_error_until("Password: ");
    terminal.type(first);
    child.read_error_until("Once more: ");
    terminal.type(second);
    return child.finish();
  };
  const Outcome changed = set_password("copper-lantern-58-orbiX\x7Ft\r", "copper-lantern-58-orbit\r");
  EXPECT_EQ(changed.exit_code, 0) << changed.err;
  EXPECT_EQ(terminal.screen(), "");
  EXPECT_EQ(set_password("one-lantern-58-orbit\r", "two-lantern-58-orbit\r").exit_code, 1);

  Child given_up(with_data({"user", "set-password", id}), terminal.slave());
  given_up.read_error_until("Password: ");
  terminal.type("abc\x03");
  EXPECT_EQ(given_up.finish().exit_code, 1);
}

// --- keys, database, documents
// ------------------------------------------------------------------------------

TEST_F(CliTest, keys_are_listed_and_rotated) {
  const auto active = [](const json::value& keys) {
    for (const json::value& key : keys.at("keys").as_array()) {
      if (key.at("state").as_string() == "active" && key.at("purpose").as_string() == "sign")
        return std::string(key.at("kid").as_string());
    }
    return std::string();
  };
  const std::string before = active(run_json({"keys", "list"}));
  const std::string after = active(run_json({"keys", "rotate"}));
  EXPECT_NE(before, "");
  EXPECT_NE(after, before);
  EXPECT_EQ(active(run_json({"keys", "list"})), after);
  EXPECT_THAT(run({"keys", "list"}).out, HasSubstr("retired"));
}

TEST_F(CliTest, migrate_brings_a_new_database_up_to_date) {
  const json::value after = run_json({"migrate"});
  ASSERT_FALSE(after.at("migrations").as_array().empty());
  for (const json::value& migration : after.at("migrations").as_array())
    EXPECT_TRUE(migration.at("applied").as_bool());
  EXPECT_EQ(run_json({"migrate", "--status"}), after);
}

TEST_F(CliTest, migrate_moves_a_database_and_shows_how_far_it_is) {
  add_user("ada@example.com");
  const std::string copy = "sqlite:" + (folder_.path() / "copy.db").string();
  EXPECT_EQ(run({"migrate", "--to", "sqlite:" + data() + "/latchkey.db"}).exit_code, 1) << "onto itself";
  const Outcome moved = run({"migrate", "--to", copy, "--json"});
  ASSERT_EQ(moved.exit_code, 0) << moved.err;
  std::istringstream lines(moved.out);
  std::set<std::string> stages;
  json::value last;
  for (std::string line; std::getline(lines, line);) {
    last = json::parse(line);
    if (last.at("event").as_string() == "progress") stages.emplace(last.at("stage").as_string());
  }
  EXPECT_EQ(stages, (std::set<std::string>{"reading", "copying", "checking"}));
  EXPECT_EQ(last.at("event").as_string(), "moved");
  for (const json::value& table : last.at("tables").as_array())
    EXPECT_EQ(table.at("checksum").as_string().size(), 64u);
  EXPECT_THAT(run({"user", "list", "--database", copy}).out, HasSubstr("ada@example.com"));
  const Outcome again = run({"migrate", "--to", copy});
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_THAT(again.err, HasSubstr("is not empty"));
}

TEST_F(CliTest, a_database_that_cannot_be_opened_is_exit_4) {
  std::filesystem::create_directory(data());
  std::ofstream(data() + "/latchkey.db")
      << "this is not a database, but a text that is long enough to be looked at";
  for (const Arguments& command : std::vector<Arguments>{{"user", "list"}, {"keys", "rotate"}, {"migrate"}}) {
    const Outcome outcome = run(command);
    EXPECT_EQ(outcome.exit_code, 4) << command.front() << outcome.out;
    EXPECT_THAT(outcome.err, StartsWith("latchkey: "));
  }
}

TEST_F(CliTest, openapi_is_printed_without_a_database) {
  const json::value document = run_json({"openapi"});
  EXPECT_TRUE(document.at("openapi").as_string().starts_with("3.1"));
  EXPECT_TRUE(document.at("paths").as_object().contains("/auth/v1/signup"));
  EXPECT_FALSE(std::filesystem::exists(data()));
}

TEST_F(CliTest, completion_scripts_know_every_command_and_option) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const std::string script = run({"completion", shell}).out;
    for (const char* text : {"set-password", "rotate", "session.idle_lifetime"})
      EXPECT_THAT(script, HasSubstr(text)) << shell;
    EXPECT_THAT(script, HasSubstr(shell == std::string("fish") ? "-l password-stdin" : "--password-stdin"));
  }
}

TEST_F(CliTest, bash_completes_what_stands_at_the_cursor) {
  const auto script = folder_.path() / "completion.bash";
  std::ofstream(script) << run({"completion", "bash"}).out;
  const auto complete = [&](const std::string& words) {
    const std::string command =
        "bash -c 'source \"" + script.string() + "\"; compopt() { :; }; COMP_WORDS=(" + words +
        "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _latchkey; echo \"${COMPREPLY[*]}\"'";
    return output_of(command);
  };
  EXPECT_EQ(complete("latchkey se"), "serve session\n");
  EXPECT_EQ(complete("latchkey user set"), "set-password\n");
  EXPECT_EQ(complete("latchkey --data user keys ro"), "rotate\n");
  EXPECT_EQ(complete("latchkey user add --password-h"), "--password-hash-stdin\n");
  EXPECT_EQ(complete("latchkey user add --da"), "--data --database\n");
  EXPECT_EQ(complete("latchkey migrate --fr"), "--from --from-password-file\n");
  EXPECT_EQ(complete("latchkey serve --set session.idle"), "session.idle_lifetime=\n");
}

// --- beside a running server
// --------------------------------------------------------------------------------

// A server on a free port of the same data folder.
class ServerTest : public CliTest {
 protected:
  void SetUp() override {
    server_.emplace(with_data({"serve", "--listen", "127.0.0.1:0"}));
    const std::string line = server_->read_line();
    url_ = line.substr(std::min(line.find("http://"), line.size()));
    ASSERT_THAT(url_, StartsWith("http://127.0.0.1:")) << line;
  }
  void TearDown() override {
    server_->signal(SIGTERM);
    EXPECT_EQ(server_->finish().exit_code, 0);
  }
  // Answer body of a request with this JSON body.
  json::value post(const std::string& path, const std::string& body) const {
    const std::string command =
        "curl -s '" + url_ + path + "' -H 'Content-Type: application/json' -d '" + body + "'";
    const std::string text = output_of(command);
    json::error_code failed;
    json::value value = json::parse(text, failed);
    EXPECT_FALSE(failed) << text;
    return value.is_object() ? value : json::object();
  }
  json::value login() const {
    return post("/auth/v1/login",
                std::string(R"({"email":"ada@example.com","password":")") + kPassword + "\"}");
  }

  std::optional<Child> server_;
  std::string url_;
};

TEST_F(ServerTest, accounts_and_sessions_are_managed_beside_it) {
  const std::string id = add_user("ada@example.com");
  EXPECT_EQ(login().at("uid").as_string(), id);
  login();
  const json::value sessions = run_json({"session", "list", "ada@example.com"});
  ASSERT_EQ(sessions.at("sessions").as_array().size(), 2u);
  const std::string session = std::string(sessions.at("sessions").at(0).at("id").as_string());
  EXPECT_THAT(run({"session", "list", id}).out, HasSubstr(session));
  EXPECT_EQ(run_json({"session", "revoke", session}).at("revoked").as_int64(), 1);
  EXPECT_EQ(run({"session", "revoke", session}).exit_code, 1);
  EXPECT_EQ(run({"session", "revoke", "--user", id}).out, "Revoked 1 session.\n");

  EXPECT_EQ(run({"user", "disable", id}).exit_code, 0);
  EXPECT_EQ(login().at("code").as_string(), "user_banned");
  EXPECT_EQ(run({"user", "enable", id}).exit_code, 0);
  EXPECT_EQ(run({"user", "set-password", id, "--password-stdin"}, "copper-lantern-58-orbit\n").exit_code, 0);
  EXPECT_EQ(login().at("code").as_string(), "invalid_credentials");
  EXPECT_EQ(run({"keys", "rotate"}).exit_code, 0);
  EXPECT_EQ(run({"migrate", "--status"}).exit_code, 0);
  EXPECT_EQ(run({"user", "delete", id, "--yes"}).exit_code, 0);
}

TEST_F(CliTest, serve_says_why_it_cannot_start) {
  std::ofstream(data()) << "a file where the folder should be";
  const Outcome outcome = run({"serve", "--listen", "127.0.0.1:0"});
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("data"));
}

// --- text
// ---------------------------------------------------------------------------------------------------

TEST(Table, ColumnsLineUp) {
  EXPECT_EQ(render_table({"ID", "NAME"}, {{"1", "Zoë"}, {"200", "x"}}), "ID   NAME\n1    Zoë\n200  x");
}

TEST(Table, StoredTextCannotSteerTheTerminal) {
  EXPECT_EQ(printable("a\x1b[31mb\x7f\n\xC2\x9B"
                      "c \xC3\xBC"),
            "a?[31mb???c \xC3\xBC");
}

}  // namespace
}  // namespace latchkey::cli

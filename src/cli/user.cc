// latchkey user add, list, show, disable, enable, delete, set-password
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/App.hpp>
#include <cstdio>
#include <memory>
#include <utility>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/password_input.h"
#include "cli/table.h"
#include "flows/manage_sessions.h"
#include "flows/manage_users.h"

namespace latchkey::cli {
namespace {

constexpr const char* kWho = "Id, email, user name or phone";

struct Identifiers {
  std::string email, username, phone;
};
Identifiers identifiers_of(const domain::User& user) {
  return {user.email ? user.email->text() : "", user.username ? user.username->shown() : "",
          user.phone ? user.phone->text() : ""};
}

// "ada@example.com", or what else the person is known by.
std::string name_of(const domain::User& user) {
  const auto [email, username, phone] = identifiers_of(user);
  return printable(!email.empty() ? email : !username.empty() ? username : phone);
}

void write_user(base::JsonWriter& json, const domain::User& user, base::Timestamp now) {
  const auto [email, username, phone] = identifiers_of(user);
  json.begin_object()
      .member("id", user.id.to_string())
      .member("email", email)
      .member("username", username)
      .member("phone", phone)
      .member("role", user.role.text())
      .member("disabled", user.is_banned(now));
  write_time(json, "banned_until", user.banned_until);
  write_time(json, "email_confirmed_at", user.email_confirmed_at);
  write_time(json, "phone_confirmed_at", user.phone_confirmed_at);
  write_time(json, "last_sign_in_at", user.last_sign_in_at);
  write_time(json, "created_at", user.created_at);
  write_time(json, "updated_at", user.updated_at);
  json.key("user_metadata").raw(user.user_metadata.text());
  json.key("app_metadata").raw(user.app_metadata.text());
  json.end_object();
}

// {"user": {…}}
std::string user_json(const domain::User& user, base::Timestamp now) {
  std::string text;
  base::JsonWriter json(text);
  json.begin_object().key("user");
  write_user(json, user, now);
  json.end_object();
  return text;
}

std::string user_text(const domain::User& user, std::size_t sessions, base::Timestamp now) {
  const auto [email, username, phone] = identifiers_of(user);
  std::string text = fmt::format("Id:            {}", user.id.to_string());
  const auto line = [&](std::string_view label, std::string_view value) {
    if (!value.empty()) fmt::format_to(std::back_inserter(text), "\n{:<14} {}", label, printable(value));
  };
  line("Email:", email);
  line("User name:", username);
  line("Phone:", phone);
  line("Role:", user.role.text());
  line("Disabled:", user.is_banned(now) ? "yes" : "no");
  line("Created:", time_text(user.created_at));
  line("Last sign-in:", time_text(user.last_sign_in_at));
  line("Sessions:", std::to_string(sessions));
  line("Metadata:", user.user_metadata.text());
  line("App metadata:", user.app_metadata.text());
  return text;
}

// Makes a command that works on one person: finds them, then does `act`.
using Act = std::function<ExitCode(Context&, flows::Environment&, const domain::User&)>;
std::function<ExitCode()> on_user(Context& context, std::shared_ptr<std::string> who, Act act) {
  return [&context, who = std::move(who), act = std::move(act)] {
    const auto application = context.open();
    if (!application) return application.error();
    flows::Environment& live = (*application)->live();
    const auto user = flows::get_user(live, *who);
    if (!user) return context.fail(user.error());
    return act(context, live, *user);
  };
}

struct AddOptions {
  std::string email, username, phone, role, user_metadata, app_metadata;
  bool password_stdin = false, password_hash_stdin = false, no_password = false;
};

base::Result<base::JsonObjectText> parse_metadata(const std::string& text, const char* option) {
  if (text.empty()) return base::JsonObjectText();
  auto parsed = base::JsonObjectText::parse(text, domain::kMaxMetadataBytes);
  if (!parsed) return base::fail(base::field_error(option, "must be a JSON object of at most 16 KiB"));
  return parsed;
}

// Parses a text that was given, or leaves nothing.
template <class T>
base::Result<std::optional<T>> parse_given(const std::string& text) {
  if (text.empty()) return std::nullopt;
  auto parsed = T::parse(text);
  if (!parsed) return base::fail(std::move(parsed.error()));
  return *std::move(parsed);
}

base::Result<flows::NewUser> new_user(const AddOptions& options) {
  auto email = parse_given<domain::Email>(options.email);
  if (!email) return base::fail(std::move(email.error()));
  auto username = parse_given<domain::Username>(options.username);
  if (!username) return base::fail(std::move(username.error()));
  auto phone = parse_given<domain::Phone>(options.phone);
  if (!phone) return base::fail(std::move(phone.error()));
  if (!*email && !*username && !*phone)
    return base::fail(base::Error{.code = base::ErrorCode::validation_failed,
                                  .message = "Give at least one of --email, --username and --phone."});
  auto role = parse_given<domain::Role>(options.role);
  if (!role) return base::fail(std::move(role.error()));
  auto user_metadata = parse_metadata(options.user_metadata, "--user-metadata");
  if (!user_metadata) return base::fail(std::move(user_metadata.error()));
  auto app_metadata = parse_metadata(options.app_metadata, "--app-metadata");
  if (!app_metadata) return base::fail(std::move(app_metadata.error()));
  return flows::NewUser{.email = *std::move(email),
                        .username = *std::move(username),
                        .phone = *std::move(phone),
                        .password = {},
                        .password_hash = {},
                        .role = role->value_or(domain::Role()),
                        .user_metadata = *std::move(user_metadata),
                        .app_metadata = *std::move(app_metadata)};
}

ExitCode add_user(Context& context, const AddOptions& options) {
  auto request = new_user(options);
  if (!request) return context.fail(request.error());
  // Open first: nobody should type a password for a database that is not there.
  const auto application = context.open();
  if (!application) return application.error();
  if (!options.no_password) {
    const bool from_pipe = options.password_stdin || options.password_hash_stdin;
    auto password = read_password(from_pipe ? PasswordSource::standard_input : PasswordSource::terminal);
    if (!password) return context.fail(password.error());
    (options.password_hash_stdin ? request->password_hash : request->password) = *std::move(password);
  }
  flows::Environment& live = (*application)->live();
  const auto user = flows::add_user(live, *request);
  if (!user) return context.fail(user.error());
  return context.print(fmt::format("Added {} with id {}.", name_of(*user), user->id.to_string()),
                       user_json(*user, live.now()));
}

struct ListOptions {
  std::uint32_t limit = 50;
  std::string after;
};

ExitCode list_users(Context& context, const ListOptions& options) {
  domain::Page<domain::UserId> page{.after = {}, .limit = options.limit};
  if (!options.after.empty()) {
    page.after = domain::UserId::parse(options.after);
    if (!page.after) return context.fail_usage("--after takes the id of a user");
  }
  const auto application = context.open();
  if (!application) return application.error();
  flows::Environment& live = (*application)->live();
  const auto users = flows::list_users(live, page);
  const base::Timestamp now = live.now();
  const bool has_more = users.size() == page.limit;

  std::vector<std::vector<std::string>> rows;
  std::string text;
  base::JsonWriter json(text);
  json.begin_object().key("users").begin_array();
  for (const domain::User& user : users) {
    write_user(json, user, now);
    const auto [email, username, phone] = identifiers_of(user);
    rows.push_back({user.id.to_string(), printable(email), printable(username), phone, user.role.text(),
                    user.is_banned(now) ? "disabled" : "", time_text(user.created_at)});
  }
  json.end_array().key("next_after");
  if (has_more) {
    json.value(users.back().id.to_string());
  } else {
    json.null();
  }
  json.end_object();
  std::string table = render_table({"ID", "EMAIL", "USER NAME", "PHONE", "ROLE", "", "CREATED"}, rows);
  if (has_more) table += "\nThere may be more: --after " + users.back().id.to_string();
  return context.print(table, text);
}

ExitCode show_user(Context& context, flows::Environment& live, const domain::User& user) {
  const std::size_t sessions = flows::list_sessions(live, user.id).size();
  return context.print(user_text(user, sessions, live.now()), user_json(user, live.now()));
}

ExitCode disable_user(Context& context, flows::Environment& live, const domain::User& user) {
  const auto disabled = flows::disable_user(live, user.id);
  if (!disabled) return context.fail(disabled.error());
  return context.print(fmt::format("Disabled {}; all sessions have ended.", name_of(user)),
                       user_json(*disabled, live.now()));
}

ExitCode enable_user(Context& context, flows::Environment& live, const domain::User& user) {
  const auto enabled = flows::enable_user(live, user.id);
  if (!enabled) return context.fail(enabled.error());
  return context.print(fmt::format("Enabled {}.", name_of(user)), user_json(*enabled, live.now()));
}

ExitCode delete_user(Context& context, flows::Environment& live, const domain::User& user,
                     bool is_confirmed) {
  if (!is_confirmed) {
    if (isatty(STDIN_FILENO) != 1)
      return context.fail_usage("deleting cannot be undone: give --yes when there is no terminal to ask");
    fmt::print(stderr, "Delete {} ({}) with password and sessions? This cannot be undone. [y/N] ",
               name_of(user), user.id.to_string());
    std::fflush(stderr);
    const int answer = std::getchar();
    if (answer != 'y' && answer != 'Y') {
      base::Error error{.code = base::ErrorCode::validation_failed};
      error.message = "Not confirmed; nothing was changed.";
      return context.fail(error);
    }
  }
  if (const auto deleted = flows::delete_user(live, user.id); !deleted) return context.fail(deleted.error());
  return context.print(fmt::format("Deleted {}.", name_of(user)), user_json(user, live.now()));
}

ExitCode set_password(Context& context, flows::Environment& live, const domain::User& user,
                      PasswordSource source) {
  const auto password = read_password(source);
  if (!password) return context.fail(password.error());
  if (const auto set = flows::set_password(live, user.id, *password); !set) return context.fail(set.error());
  return context.print(fmt::format("Set the password of {}; all sessions have ended.", name_of(user)),
                       user_json(user, live.now()));
}

void add_add(CLI::App& group, Context& context) {
  CLI::App* command = group.add_subcommand("add", "Add an account; asks for its password");
  auto options = std::make_shared<AddOptions>();
  command->add_option("--email", options->email, "Email address; counts as confirmed")->type_name("ADDRESS");
  command->add_option("--username", options->username, "User name")->type_name("NAME");
  command->add_option("--phone", options->phone, "Phone number, such as +4930123456; counts as confirmed")
      ->type_name("NUMBER");
  command->add_option("--role", options->role, "Role in tokens (default: authenticated)")->type_name("ROLE");
  command->add_option("--user-metadata", options->user_metadata, "The person's own data")->type_name("JSON");
  command->add_option("--app-metadata", options->app_metadata, "The app's data")->type_name("JSON");
  CLI::Option* plain =
      command->add_flag("--password-stdin", options->password_stdin, "Read the password from standard input");
  CLI::Option* hash =
      command->add_flag("--password-hash-stdin", options->password_hash_stdin,
                        "Read an Argon2, bcrypt or scrypt hash of the password from standard input");
  CLI::Option* none = command->add_flag("--no-password", options->no_password,
                                        "Without a password: cannot sign in until one is set");
  plain->excludes(hash)->excludes(none);
  hash->excludes(none);
  command->callback(
      [&context, options] { context.command = [&context, options] { return add_user(context, *options); }; });
}

void add_list(CLI::App& group, Context& context) {
  CLI::App* command = group.add_subcommand("list", "List accounts, oldest first");
  auto options = std::make_shared<ListOptions>();
  command->add_option("--limit", options->limit, "At most so many, 1 to 1000 (default: 50)")
      ->type_name("COUNT")
      ->check(CLI::Range(1, 1000));
  command->add_option("--after", options->after, "Go on behind this account")->type_name("ID");
  command->callback([&context, options] {
    context.command = [&context, options] { return list_users(context, *options); };
  });
}

// A command with a person as its argument; `act` is what it does with them.
CLI::App* add_on_user(CLI::App& group, Context& context, const char* name, const char* doc, Act act) {
  CLI::App* command = group.add_subcommand(name, doc);
  auto who = std::make_shared<std::string>();
  command->add_option("who", *who, kWho)->required();
  command->callback([&context, who, act = std::move(act)] { context.command = on_user(context, who, act); });
  return command;
}

}  // namespace

void add_user(CLI::App& root, Context& context) {
  CLI::App* group = root.add_subcommand("user", "Manage accounts");
  group->require_subcommand(1);
  add_add(*group, context);
  add_list(*group, context);
  add_on_user(*group, context, "show", "Show an account", show_user);
  add_on_user(*group, context, "disable", "Refuse an account's sign-ins and end its sessions", disable_user);
  add_on_user(*group, context, "enable", "Allow a disabled account to sign in again", enable_user);

  auto yes = std::make_shared<bool>(false);
  add_on_user(*group, context, "delete", "Delete an account with password and sessions",
              [yes](Context& c, flows::Environment& live, const domain::User& user) {
                return delete_user(c, live, user, *yes);
              })
      ->add_flag("--yes,-y", *yes, "Do not ask");

  auto from_pipe = std::make_shared<bool>(false);
  add_on_user(*group, context, "set-password", "Set a password and end all sessions; asks for it",
              [from_pipe](Context& c, flows::Environment& live, const domain::User& user) {
                const auto source = *from_pipe ? PasswordSource::standard_input : PasswordSource::terminal;
                return set_password(c, live, user, source);
              })
      ->add_flag("--password-stdin", *from_pipe, "Read the password from standard input");
}

}  // namespace latchkey::cli

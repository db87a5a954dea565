// latchkey session list, revoke
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <memory>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/table.h"
#include "flows/manage_sessions.h"
#include "flows/manage_users.h"

namespace latchkey::cli {
namespace {

ExitCode list_sessions(Context& context, const std::string& who) {
  const auto application = context.open();
  if (!application) return application.error();
  flows::Environment& live = (*application)->live();
  const auto user = flows::get_user(live, who);
  if (!user) return context.fail(user.error());

  std::vector<std::vector<std::string>> rows;
  std::string text;
  base::JsonWriter json(text);
  json.begin_object().key("sessions").begin_array();
  for (const domain::Session& session : flows::list_sessions(live, user->id)) {
    json.begin_object()
        .member("id", session.id.to_string())
        .member("user_id", session.user_id.to_string())
        .member("ip", session.ip)
        .member("user_agent", session.user_agent)
        .member("method", session.method);
    write_time(json, "created_at", session.created_at);
    write_time(json, "refreshed_at", session.refreshed_at);
    write_time(json, "expires_at", session.expires_at);
    json.end_object();
    rows.push_back({session.id.to_string(), time_text(session.created_at), time_text(session.refreshed_at),
                    time_text(session.expires_at), printable(session.ip), printable(session.user_agent)});
  }
  json.end_array().end_object();
  return context.print(render_table({"ID", "SIGNED IN", "REFRESHED", "ENDS", "ADDRESS", "CLIENT"}, rows),
                       text);
}

struct RevokeOptions {
  std::string id, user;
};

// How many sessions ended.
base::Result<std::uint64_t> revoke(flows::Environment& live, const RevokeOptions& options) {
  if (!options.user.empty()) {
    const auto user = flows::get_user(live, options.user);
    if (!user) return base::fail(user.error());
    return flows::revoke_all_sessions(live, user->id);
  }
  const auto id = domain::SessionId::parse(options.id);
  base::Result<void> revoked = base::fail(base::ErrorCode::not_found);
  if (id) revoked = flows::revoke_session(live, *id);
  if (revoked) return 1;
  base::Error error = std::move(revoked.error());
  if (error.code == base::ErrorCode::not_found) {
    error.message = "There is no such session, or it has ended.";
    error.hint = "latchkey session list WHO shows a person's sessions.";
  }
  return base::fail(std::move(error));
}

ExitCode revoke_sessions(Context& context, const RevokeOptions& options) {
  if (options.id.empty() == options.user.empty())
    return context.fail_usage("give the id of a session, or --user WHO for all of a person's sessions");
  const auto application = context.open();
  if (!application) return application.error();
  const auto count = revoke((*application)->live(), options);
  if (!count) return context.fail(count.error());
  return context.print(*count == 1 ? "Revoked 1 session." : fmt::format("Revoked {} sessions.", *count),
                       fmt::format("{{\"revoked\":{}}}", *count));
}

}  // namespace

void add_session(CLI::App& root, Context& context) {
  CLI::App* group = root.add_subcommand("session", "Manage sessions");
  group->require_subcommand(1);

  CLI::App* list = group->add_subcommand("list", "List a person's sessions, newest first");
  auto who = std::make_shared<std::string>();
  list->add_option("who", *who, "Id, email, user name or phone")->required();
  list->callback(
      [&context, who] { context.command = [&context, who] { return list_sessions(context, *who); }; });

  CLI::App* command =
      group->add_subcommand("revoke", "End one session, or all of a person; takes effect at once");
  auto options = std::make_shared<RevokeOptions>();
  command->add_option("id", options->id, "Id of the session");
  command->add_option("--user", options->user, "All sessions of this person")->type_name("WHO");
  command->callback([&context, options] {
    context.command = [&context, options] { return revoke_sessions(context, *options); };
  });
}

}  // namespace latchkey::cli

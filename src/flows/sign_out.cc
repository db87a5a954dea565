#include "flows/sign_out.h"

namespace latchkey::flows {
namespace {

std::string_view to_string(SignOutScope scope) {
  switch (scope) {
    case SignOutScope::global:
      return "global";
    case SignOutScope::local:
      return "local";
    case SignOutScope::others:
      return "others";
  }
  return "global";
}

}  // namespace

void sign_out(Environment& env, const Authenticated& who, SignOutScope scope, const Client& client) {
  const base::Timestamp now = env.now();
  domain::Event event = make_event(env, domain::EventType::user_signed_out, now, client);
  event.user_id = who.user.id;
  event.session_id = who.session.id;
  event.detail = to_string(scope);
  const auto written = env.store().transact([&](domain::Tx& tx) -> base::Result<void> {
    switch (scope) {
      case SignOutScope::local:
        tx.sessions().end(who.session.id, domain::SessionEnd::signed_out, now);
        break;
      case SignOutScope::others:
        tx.sessions().end_all(who.user.id, who.session.id, domain::SessionEnd::signed_out, now);
        break;
      case SignOutScope::global:
        tx.sessions().end_all(who.user.id, std::nullopt, domain::SessionEnd::signed_out, now);
        break;
    }
    tx.events().append(event);
    return {};
  });
  static_cast<void>(written);  // the work above never refuses; a broken database throws
}

}  // namespace latchkey::flows

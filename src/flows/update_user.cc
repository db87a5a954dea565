#include "flows/update_user.h"

#include "flows/sign_up.h"

namespace latchkey::flows {
namespace {

using base::ErrorCode;

// The lock-out key of an account that is known by several names: its id.
std::string account_key(const domain::User& user) { return "user:" + user.id.to_string(); }

base::Result<void> check_current_password(Environment& env, const Authenticated& who,
                                          const UpdateUser& change,
                                          const std::optional<domain::PasswordCredential>& stored,
                                          const Client& client, base::Timestamp now) {
  if (!change.current_password) {
    if (!stored || now - who.session.created_at <= kFreshSignIn) return {};
    return base::fail(ErrorCode::reauthentication_needed);
  }
  const std::string key = account_key(who.user);
  const bool locked = env.guard().is_locked(key, client.address_key, now);
  base::Result<crypto::PasswordMatch> match = crypto::PasswordMatch::no;
  if (stored) {
    match = env.hasher().verify(*change.current_password, stored->hash.confidential_text());
    if (!match) return base::fail(std::move(match.error()));
  } else {
    env.hasher().verify_decoy(*change.current_password);
  }
  if (!locked && *match != crypto::PasswordMatch::no) {
    env.guard().note_success(key, client.address_key, now);
    return {};
  }
  if (!locked) env.guard().note_failure(key, client.address_key, now);
  domain::Event event = make_event(env, domain::EventType::login_failed, now, client);
  event.user_id = who.user.id;
  event.session_id = who.session.id;
  event.detail = locked ? "locked" : "wrong_current_password";
  auto written = env.store().transact([&](domain::Tx& tx) -> base::Result<void> {
    tx.events().append(event);
    return {};
  });
  if (!written) return written;
  return base::fail(ErrorCode::invalid_credentials, "current_password");
}

}  // namespace

base::Result<domain::User> update_user(Environment& env, const Authenticated& who, const UpdateUser& change,
                                       const Client& client) {
  const base::Timestamp now = env.now();
  const auto settings = env.settings();
  const auto stored =
      env.store().read([&](const domain::Tx& tx) { return tx.passwords().find_confidential(who.user.id); });

  const bool changes_email = change.email && change.email != who.user.email;
  if (changes_email || change.password) {
    if (auto checked = check_current_password(env, who, change, stored, client, now); !checked) {
      return base::fail(std::move(checked.error()));
    }
  }

  std::optional<domain::PasswordCredential> credential;
  if (change.password) {
    if (change.current_password &&
        crypto::constant_time_equal(change.password->confidential_text(),
                                    change.current_password->confidential_text())) {
      return base::fail(ErrorCode::same_password);
    }
    domain::User as_it_will_be = who.user;
    if (change.email) as_it_will_be.email = change.email;
    if (auto checked =
            domain::check_password(*change.password, own_words(as_it_will_be), settings->passwords);
        !checked) {
      return base::fail(std::move(checked.error()));
    }
    credential = {who.user.id, env.hasher().hash(*change.password), now};
  }

  return env.store().transact([&](domain::Tx& tx) -> base::Result<domain::User> {
    auto user = tx.users().find(who.user.id);
    if (!user) return base::fail(ErrorCode::session_not_found, "account deleted meanwhile");
    if (change.user_metadata) {
      user->user_metadata = user->user_metadata.merged_with(*change.user_metadata);
      if (user->user_metadata.text().size() > domain::kMaxMetadataBytes) {
        return base::fail(
            base::field_error("data", "All data of one account together may have at most 16 KiB."));
      }
    }
    if (changes_email) {
      user->email = change.email;
      user->email_confirmed_at.reset();
    }
    user->updated_at = now;
    if (auto updated = tx.users().update(*user); !updated) return base::fail(std::move(updated.error()));

    const auto note = [&](domain::EventType type, std::string_view detail) {
      domain::Event event = make_event(env, type, now, client);
      event.user_id = who.user.id;
      event.session_id = who.session.id;
      event.detail = detail;
      tx.events().append(event);
    };
    if (credential) {
      if (stored) {
        // Only over the password that was checked: of two changes at once, one wins and the other is told.
        if (!tx.passwords().replace_if(*credential, stored->hash.confidential_text())) {
          return base::fail(ErrorCode::invalid_credentials, "password changed meanwhile");
        }
      } else {
        tx.passwords().put(*credential);
      }
      tx.sessions().end_all(who.user.id, who.session.id, domain::SessionEnd::password_changed, now);
      note(domain::EventType::password_changed, "");
    }
    if (change.user_metadata || changes_email) {
      note(domain::EventType::user_updated, changes_email ? "email" : "user_metadata");
    }
    return std::move(*user);
  });
}

}  // namespace latchkey::flows

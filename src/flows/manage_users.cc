#include "flows/manage_users.h"

#include "flows/sign_up.h"

namespace latchkey::flows {
namespace {

using base::ErrorCode;

// Changes one user and notes it, in one transaction.
template <class Change>
base::Result<domain::User> change_user(Environment& env, domain::UserId id, domain::EventType type,
                                       Change change) {
  const base::Timestamp now = env.now();
  domain::Event event = make_event(env, type, now, {});
  event.user_id = id;
  return env.store().transact([&](domain::Tx& tx) -> base::Result<domain::User> {
    auto user = tx.users().find(id);
    if (!user) return base::fail(ErrorCode::not_found, "no such user");
    change(tx, *user, now);
    user->updated_at = now;
    if (auto updated = tx.users().update(*user); !updated) return base::fail(std::move(updated.error()));
    tx.events().append(event);
    return std::move(*user);
  });
}

}  // namespace

base::Result<domain::User> add_user(Environment& env, const NewUser& request) {
  const base::Timestamp now = env.now();
  auto made = domain::make_user(domain::UserId::make(now, env.random()), request.email, request.username,
                                request.phone, now);
  if (!made) return made;
  domain::User& user = *made;
  user.role = request.role;
  user.user_metadata = request.user_metadata;
  user.app_metadata = request.app_metadata;
  if (user.email) user.email_confirmed_at = now;
  if (user.phone) user.phone_confirmed_at = now;

  std::optional<domain::PasswordCredential> credential;
  if (request.password_hash) {
    if (!env.hasher().is_supported(request.password_hash->confidential_text())) {
      return base::fail(base::field_error(
          "password_hash",
          "Give an Argon2, bcrypt or scrypt hash in PHC or crypt form, with bearable costs."));
    }
    credential = {user.id, *request.password_hash, now};
  } else if (request.password) {
    if (auto checked = domain::check_password(*request.password, own_words(user), env.settings()->passwords);
        !checked) {
      return base::fail(std::move(checked.error()));
    }
    credential = {user.id, env.hasher().hash(*request.password), now};
  }
  domain::Event event = make_event(env, domain::EventType::user_added, now, {});
  event.user_id = user.id;
  auto written = env.store().transact([&](domain::Tx& tx) -> base::Result<void> {
    if (auto inserted = tx.users().insert(user); !inserted) return inserted;
    if (credential) tx.passwords().put(*credential);
    tx.events().append(event);
    return {};
  });
  if (!written) return base::fail(std::move(written.error()));
  return made;
}

base::Result<domain::User> get_user(Environment& env, std::string_view id_or_identifier) {
  const auto id = domain::UserId::parse(id_or_identifier);
  std::optional<domain::User> user;
  if (id) {
    user = env.store().read([&](const domain::Tx& tx) { return tx.users().find(*id); });
  } else {
    auto identifier = domain::parse_identifier(id_or_identifier);
    if (!identifier) return base::fail(std::move(identifier.error()));
    user = env.store().read([&](const domain::Tx& tx) { return tx.users().find(*identifier); });
  }
  if (!user) {
    base::Error error{.code = ErrorCode::not_found, .detail = "no such user"};
    error.message = "There is no such user.";
    error.hint = "Give an id, an email, a user name or a phone; `latchkey user list` shows them.";
    return base::fail(std::move(error));
  }
  return std::move(*user);
}

std::vector<domain::User> list_users(Environment& env, const domain::Page<domain::UserId>& page) {
  return env.store().read([&](const domain::Tx& tx) { return tx.users().list(page); });
}

base::Result<domain::User> disable_user(Environment& env, domain::UserId id) {
  return change_user(env, id, domain::EventType::user_disabled,
                     [](domain::Tx& tx, domain::User& user, base::Timestamp now) {
                       user.banned_until = domain::kBannedForever;
                       tx.sessions().end_all(user.id, std::nullopt, domain::SessionEnd::user_disabled, now);
                     });
}

base::Result<domain::User> enable_user(Environment& env, domain::UserId id) {
  return change_user(env, id, domain::EventType::user_enabled,
                     [](domain::Tx&, domain::User& user, base::Timestamp) { user.banned_until.reset(); });
}

base::Result<void> delete_user(Environment& env, domain::UserId id) {
  domain::Event event = make_event(env, domain::EventType::user_deleted, env.now(), {});
  event.user_id = id;
  return env.store().transact([&](domain::Tx& tx) -> base::Result<void> {
    if (!tx.users().erase(id)) return base::fail(ErrorCode::not_found, "no such user");
    tx.events().append(event);
    return {};
  });
}

base::Result<void> set_password(Environment& env, domain::UserId id, const base::Secret& password) {
  const auto user = env.store().read([&](const domain::Tx& tx) { return tx.users().find(id); });
  if (!user) return base::fail(ErrorCode::not_found, "no such user");
  if (auto checked = domain::check_password(password, own_words(*user), env.settings()->passwords); !checked)
    return checked;
  const base::Secret hash = env.hasher().hash(password);
  auto changed = change_user(env, id, domain::EventType::password_changed,
                             [&](domain::Tx& tx, domain::User& changing, base::Timestamp now) {
                               tx.passwords().put({changing.id, hash, now});
                               tx.sessions().end_all(changing.id, std::nullopt,
                                                     domain::SessionEnd::password_changed, now);
                             });
  if (!changed) return base::fail(std::move(changed.error()));
  return {};
}

}  // namespace latchkey::flows

#include "flows/sign_in.h"

namespace latchkey::flows {
namespace {

struct Account {
  domain::User user;
  std::optional<domain::PasswordCredential> credential;
};

std::optional<Account> find_account(const domain::Tx& tx, const domain::Identifier& identifier) {
  auto user = tx.users().find(identifier);
  if (!user) return std::nullopt;
  auto credential = tx.passwords().find_confidential(user->id);
  return Account{std::move(*user), std::move(credential)};
}

crypto::PasswordMatch match_password(Environment& env, const std::optional<Account>& account,
                                     const base::Secret& password) {
  if (!account || !account->credential) {
    env.hasher().verify_decoy(password);
    return crypto::PasswordMatch::no;
  }
  auto match = env.hasher().verify(password, account->credential->hash.confidential_text());
  if (!match) {
    env.log().error("a stored password hash cannot be verified",
                    {{"user_id", account->user.id.to_string()}, {"detail", match.error().detail}});
    return crypto::PasswordMatch::no;
  }
  return *match;
}

base::Result<SignedIn> refuse(Environment& env, const std::optional<Account>& account,
                              std::string_view reason, const Client& client, base::Timestamp now) {
  domain::Event event = make_event(env, domain::EventType::login_failed, now, client);
  if (account) event.user_id = account->user.id;
  event.detail = reason;
  auto written = env.store().transact([&](domain::Tx& tx) -> base::Result<void> {
    tx.events().append(event);
    return {};
  });
  if (!written) return base::fail(std::move(written.error()));
  return base::fail(base::ErrorCode::invalid_credentials, std::string(reason));
}

}  // namespace

base::Result<SignedIn> sign_in(Environment& env, const SignIn& request, const Client& client) {
  const base::Timestamp now = env.now();
  const std::string key = domain::identifier_key(request.identifier);
  const bool locked = env.guard().is_locked(key, client.address_key, now);
  auto account = env.store().read([&](const domain::Tx& tx) { return find_account(tx, request.identifier); });
  const crypto::PasswordMatch match = match_password(env, account, request.password);

  if (locked) return refuse(env, account, "locked", client, now);
  if (match == crypto::PasswordMatch::no) {
    env.guard().note_failure(key, client.address_key, now);
    return refuse(env, account,
                  !account              ? "unknown"
                  : account->credential ? "wrong_password"
                                        : "no_password",
                  client, now);
  }
  env.guard().note_success(key, client.address_key, now);
  domain::User& user = account->user;
  if (user.is_banned(now)) return base::fail(base::ErrorCode::user_banned);

  std::optional<domain::PasswordCredential> rehashed;
  if (match == crypto::PasswordMatch::yes_needs_rehash) {
    rehashed = {user.id, env.hasher().hash(request.password), account->credential->changed_at};
  }
  const std::string_view verified_hash = account->credential->hash.confidential_text();
  const domain::Session session = begin_session(env, user, client, now);
  domain::Event event = make_event(env, domain::EventType::user_signed_in, now, client);
  event.user_id = user.id;
  event.session_id = session.id;
  auto written = env.store().transact([&](domain::Tx& tx) -> base::Result<void> {
    // The password may have been changed, or the account deleted or banned, while the hash was being
    // computed.
    const auto current = find_account(tx, request.identifier);
    if (!current || !current->credential || current->credential->hash.confidential_text() != verified_hash) {
      return base::fail(base::ErrorCode::invalid_credentials, "account changed during sign-in");
    }
    if (current->user.is_banned(now)) return base::fail(base::ErrorCode::user_banned);
    user = current->user;
    user.last_sign_in_at = now;
    tx.users().set_last_sign_in(user.id, now);
    tx.sessions().insert(session);
    tx.events().append(event);
    if (rehashed && tx.passwords().replace_if(*rehashed, verified_hash)) {
      domain::Event note = make_event(env, domain::EventType::password_rehashed, now, client);
      note.user_id = user.id;
      tx.events().append(note);
    }
    return {};
  });
  if (!written) return base::fail(std::move(written.error()));
  return make_signed_in(env, std::move(user), session, now);
}

}  // namespace latchkey::flows

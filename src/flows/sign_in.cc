#include "flows/sign_in.h"

namespace latchkey::flows {
namespace {

using domain::UserWithPassword;

crypto::PasswordMatch match_password(Environment& env, const std::optional<UserWithPassword>& account,
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

void refuse(Environment& env, const std::optional<UserWithPassword>& account, std::string_view reason,
            const Client& client, base::Timestamp now, WhenSignedIn done) {
  domain::Event event = make_event(env, domain::EventType::login_failed, now, client);
  if (account) event.user_id = account->user.id;
  event.detail = reason;
  env.store().transact_then(
      [event = std::move(event)](domain::Tx& tx) -> base::Result<void> {
        tx.events().append(event);
        return {};
      },
      [reason, done = std::move(done)](domain::Settled<base::Result<void>> settled) mutable {
        done([reason, settled = std::move(settled)]() mutable -> base::Result<SignedIn> {
          if (auto written = settled.get(); !written) return base::fail(std::move(written.error()));
          return base::fail(base::ErrorCode::invalid_credentials, std::string(reason));
        });
      },
      timing_after_hash(env));
}

// What a sign-in writes.
struct Entry {
  domain::Identifier identifier;
  base::Secret verified_hash;  // that the password was right for
  domain::Session session;
  domain::Event event;
  struct Rehash {
    domain::PasswordCredential credential;
    domain::Event event;
  };
  std::optional<Rehash> rehash;
};

// The account as it is now.
base::Result<domain::User> enter(domain::Tx& tx, const Entry& entry) {
  // The password may have been changed, or the account deleted or banned, while the hash was being computed.
  auto current = tx.find_account_confidential(entry.identifier);
  const std::string_view verified_hash = entry.verified_hash.confidential_text();
  if (!current || !current->credential || current->credential->hash.confidential_text() != verified_hash) {
    return base::fail(base::ErrorCode::invalid_credentials, "account changed during sign-in");
  }
  const base::Timestamp now = entry.session.created_at;
  if (current->user.is_banned(now)) return base::fail(base::ErrorCode::user_banned);
  current->user.last_sign_in_at = now;
  tx.users().set_last_sign_in(current->user.id, now);
  tx.sessions().insert(entry.session);
  tx.events().append(entry.event);
  if (entry.rehash && tx.passwords().replace_if(entry.rehash->credential, verified_hash)) {
    tx.events().append(entry.rehash->event);
  }
  return std::move(current->user);
}

}  // namespace

base::Result<void> sign_in(Environment& env, const SignIn& request, const Client& client, WhenSignedIn done) {
  const base::Timestamp now = env.now();
  const std::string key = domain::identifier_key(request.identifier);
  const bool locked = env.guard().is_locked(key, client.address_key, now);
  auto account = env.store().read(
      [&](const domain::Tx& tx) { return tx.find_account_confidential(request.identifier); });
  const crypto::PasswordMatch match = match_password(env, account, request.password);

  if (locked) {
    refuse(env, account, "locked", client, now, std::move(done));
    return {};
  }
  if (match == crypto::PasswordMatch::no) {
    env.guard().note_failure(key, client.address_key, now);
    const std::string_view reason = !account              ? "unknown"
                                    : account->credential ? "wrong_password"
                                                          : "no_password";
    refuse(env, account, reason, client, now, std::move(done));
    return {};
  }
  env.guard().note_success(key, client.address_key, now);
  const domain::User& user = account->user;
  if (user.is_banned(now)) return base::fail(base::ErrorCode::user_banned);

  const auto event_of = [&](domain::EventType type) {
    domain::Event event = make_event(env, type, now, client);
    event.user_id = user.id;
    return event;
  };
  Entry entry{.identifier = request.identifier,
              .verified_hash = account->credential->hash,
              .session = begin_session(env, user, client, now),
              .event = event_of(domain::EventType::user_signed_in),
              .rehash = {}};
  entry.event.session_id = entry.session.id;
  if (match == crypto::PasswordMatch::yes_needs_rehash) {
    entry.rehash = {
        .credential = {user.id, env.hasher().hash(request.password), account->credential->changed_at},
        .event = event_of(domain::EventType::password_rehashed)};
  }
  auto finish = sign_for(env, entry.session, std::move(done));
  env.store().transact_then([entry = std::move(entry)](domain::Tx& tx) { return enter(tx, entry); },
                            std::move(finish), timing_after_hash(env));
  return {};
}

}  // namespace latchkey::flows

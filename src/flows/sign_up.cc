#include "flows/sign_up.h"

namespace latchkey::flows {
namespace {

bool is_taken(const domain::Tx& tx, const SignUp& request) {
  return (request.email && tx.users().find(domain::Identifier(*request.email))) ||
         (request.username && tx.users().find(domain::Identifier(*request.username))) ||
         (request.phone && tx.users().find(domain::Identifier(*request.phone)));
}

}  // namespace

std::vector<std::string> own_words(const domain::User& user) {
  std::vector<std::string> words;
  if (user.email) {
    const std::string& email = user.email->text();
    const std::size_t at = email.find('@');
    words.push_back(email);
    words.push_back(email.substr(0, at));
    words.push_back(email.substr(at + 1));
  }
  if (user.username) words.push_back(user.username->key());
  if (user.phone) words.push_back(user.phone->text());
  return words;
}

base::Result<void> sign_up(Environment& env, const SignUp& request, const Client& client, WhenSignedIn done) {
  const auto settings = env.settings();
  if (!settings->signup_enabled) return base::fail(base::ErrorCode::signup_disabled);

  const base::Timestamp now = env.now();
  auto made = domain::make_user(domain::UserId::make(now, env.random()), request.email, request.username,
                                request.phone, now);
  if (!made) return base::fail(std::move(made.error()));
  domain::User& user = *made;
  user.user_metadata = request.user_metadata;
  user.last_sign_in_at = now;

  if (auto checked = domain::check_password(request.password, own_words(user), settings->passwords);
      !checked) {
    return base::fail(std::move(checked.error()));
  }
  // Asked before the hash, to spare it; the unique indexes decide below.
  if (env.store().read([&](const domain::Tx& tx) { return is_taken(tx, request); })) {
    return base::fail(base::ErrorCode::user_already_exists);
  }

  domain::PasswordCredential credential{user.id, env.hasher().hash(request.password), now};
  const domain::Session session = begin_session(env, user, client, now);
  domain::Event event = make_event(env, domain::EventType::user_signed_up, now, client);
  event.user_id = user.id;
  event.session_id = session.id;
  env.store().transact_then(
      [user = std::move(user), credential = std::move(credential), session,
       event = std::move(event)](domain::Tx& tx) -> base::Result<domain::User> {
        if (auto inserted = tx.users().insert(user); !inserted)
          return base::fail(std::move(inserted.error()));
        tx.passwords().put(credential);
        tx.sessions().insert(session);
        tx.events().append(event);
        return user;
      },
      sign_for(env, session, std::move(done)), timing_after_hash(env));
  return {};
}

}  // namespace latchkey::flows

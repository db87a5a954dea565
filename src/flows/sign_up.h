// Sign-up: a new account that is signed in at once.
#pragma once

#include "flows/signed_in.h"

namespace latchkey::flows {

struct SignUp {
  std::optional<domain::Email> email;
  std::optional<domain::Username> username;
  std::optional<domain::Phone> phone;
  base::Secret password;
  base::JsonObjectText user_metadata;
};

// Writes user, password, session and event in one transaction, or nothing. Fails with signup_disabled,
// validation_failed (no identifier), weak_password, user_already_exists. Costs one password hash.
base::Result<SignedIn> sign_up(Environment& env, const SignUp& request, const Client& client);

// The account's own words, which must not make a password look good.
std::vector<std::string> own_words(const domain::User& user);

}  // namespace latchkey::flows

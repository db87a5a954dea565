// A person's account.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/json_text.h"
#include "base/secret.h"
#include "domain/identifier.h"
#include "domain/ids.h"

namespace latchkey::domain {

// Compact metadata of at most this many bytes each.
inline constexpr std::size_t kMaxMetadataBytes = 16 * 1024;

// What an access token's `role` says. "authenticated" for everybody who is not something more.
class Role {
 public:
  Role() : text_("authenticated") {}
  // 1 to 64 of a-z 0-9 _ -. Fails with validation_failed, field "role".
  static base::Result<Role> parse(std::string_view untrusted);
  static Role make_trusted(std::string stored) { return Role(std::move(stored)); }
  const std::string& text() const { return text_; }
  // The roles that the admin endpoints accept: "service_role" (GoTrue's name) and "admin".
  bool is_admin() const;
  bool operator==(const Role&) const = default;

 private:
  explicit Role(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// Invariant: at least one of email, username, phone is there; make_user sees to it.
struct User {
  UserId id;
  std::optional<Email> email;
  std::optional<Username> username;
  std::optional<Phone> phone;
  Role role;
  base::JsonObjectText user_metadata;  // the person's own; they may change it
  base::JsonObjectText app_metadata;   // the app's; only an administrator may change it
  std::optional<base::Timestamp> email_confirmed_at;
  std::optional<base::Timestamp> phone_confirmed_at;
  std::optional<base::Timestamp> banned_until;  // banned while in the future; kBannedForever for good
  std::optional<base::Timestamp> last_sign_in_at;
  base::Timestamp created_at;
  base::Timestamp updated_at;

  bool is_banned(base::Timestamp now) const { return banned_until && *banned_until > now; }
};

// A new account, made now, without a role, metadata or confirmations yet. Fails with validation_failed, field
// "email", when there is no identifier at all.
base::Result<User> make_user(UserId id, std::optional<Email> email, std::optional<Username> username,
                             std::optional<Phone> phone, base::Timestamp now);

// 9999-12-31T23:59:59Z
inline constexpr base::Timestamp kBannedForever{base::Milliseconds(253402300799000)};

// The password of an account, if it has one. The hash is a PHC string (or an imported crypt string).
struct PasswordCredential {
  UserId user_id;
  base::Secret hash;
  base::Timestamp changed_at;
};

}  // namespace latchkey::domain

#include "domain/user.h"

#include <algorithm>
#include <utility>

namespace latchkey::domain {

base::Result<Role> Role::parse(std::string_view untrusted) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  if (untrusted.empty() || untrusted.size() > 64 || !std::ranges::all_of(untrusted, is_allowed)) {
    return base::fail(base::field_error("role", "must be 1 to 64 of the characters a-z 0-9 _ -"));
  }
  return Role(std::string(untrusted));
}

bool Role::is_admin() const { return text_ == "service_role" || text_ == "admin"; }

base::Result<User> make_user(UserId id, std::optional<Email> email, std::optional<Username> username,
                             std::optional<Phone> phone, base::Timestamp now) {
  if (!email && !username && !phone) {
    return base::fail(base::field_error("email", "Give an email, a username or a phone."));
  }
  User user;
  user.id = id;
  user.email = std::move(email);
  user.username = std::move(username);
  user.phone = std::move(phone);
  user.created_at = user.updated_at = now;
  return user;
}

}  // namespace latchkey::domain

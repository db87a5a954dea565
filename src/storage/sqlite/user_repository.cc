#include "storage/sqlite/user_repository.h"

#include <functional>

#include "storage/sqlite/rows.h"

namespace latchkey::storage::sqlite {

using base::ErrorCode;
using domain::User;
using domain::UserId;

namespace {

std::optional<User> find_one(Query row) {
  if (!row.step()) return std::nullopt;
  return read_user(row);
}

// As one number, the first most significant.
std::uint64_t leading_bytes(UserId id) {
  std::uint64_t number = 0;
  for (const char byte : id.uuid().as_string_view().substr(0, 8)) {
    number = number << 8 | static_cast<unsigned char>(byte);
  }
  return number;
}

using OptionalView = std::optional<std::string_view>;

// What is as usual is NULL.
OptionalView unless_usual(const std::string& value, std::string_view usual) {
  return value == usual ? OptionalView() : OptionalView(value);
}

// Hands the columns of LK_USER_COLUMNS but id and created_at to `use`.
template <class Use>
auto with_columns(const User& user, Use use) {
  const auto text_of = [](const auto& identifier) {
    return identifier ? OptionalView(identifier->text()) : OptionalView();
  };
  return use(text_of(user.email), user.username ? OptionalView(user.username->key()) : OptionalView(),
             user.username ? unless_usual(user.username->shown(), user.username->key()) : OptionalView(),
             text_of(user.phone), unless_usual(user.role.text(), domain::Role().text()),
             unless_usual(user.user_metadata.text(), "{}"), unless_usual(user.app_metadata.text(), "{}"),
             user.email_confirmed_at, user.phone_confirmed_at, user.banned_until, user.last_sign_in_at,
             user.updated_at);
}

std::unexpected<base::Error> taken() {
  return base::fail(ErrorCode::user_already_exists, "email, user name or phone is taken");
}

}  // namespace

SqliteUserRepository::SqliteUserRepository(Connection& connection)
    : connection_(connection),
      find_by_id_(connection, "SELECT " LK_USER_COLUMNS " FROM users WHERE id = ?"),
      find_by_email_(connection, "SELECT " LK_USER_COLUMNS " FROM users WHERE email = ?"),
      find_by_username_(connection, "SELECT " LK_USER_COLUMNS " FROM users WHERE username_key = ?"),
      find_by_phone_(connection, "SELECT " LK_USER_COLUMNS " FROM users WHERE phone = ?"),
      find_ends_(connection, "SELECT (SELECT min(id) FROM users), (SELECT max(id) FROM users)"),
      list_(connection, "SELECT " LK_USER_COLUMNS " FROM users WHERE id > ? ORDER BY id LIMIT ?"),
      count_(connection, "SELECT count(*) FROM users"),
      insert_(connection,
              "INSERT INTO users (id, created_at, email, username_key, username_shown, phone, role, "
              "user_metadata, app_metadata, email_confirmed_at, phone_confirmed_at, banned_until, "
              "last_sign_in_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      update_(connection,
              "UPDATE users SET email = ?, username_key = ?, username_shown = ?, phone = ?, role = ?, "
              "user_metadata = ?, app_metadata = ?, email_confirmed_at = ?, phone_confirmed_at = ?, "
              "banned_until = ?, last_sign_in_at = ?, updated_at = ? WHERE id = ?"),
      set_last_sign_in_(connection, "UPDATE users SET last_sign_in_at = ? WHERE id = ?"),
      erase_(connection, "DELETE FROM users WHERE id = ?") {}

std::optional<User> SqliteUserRepository::find(UserId id) const { return find_one(find_by_id_.bind(id)); }

std::optional<User> SqliteUserRepository::find(const domain::Identifier& identifier) const {
  struct Find {
    const SqliteUserRepository& users;
    auto operator()(const domain::Email& email) const {
      return find_one(users.find_by_email_.bind(email.text()));
    }
    auto operator()(const domain::Username& username) const {
      return find_one(users.find_by_username_.bind(username.key()));
    }
    auto operator()(const domain::Phone& phone) const {
      return find_one(users.find_by_phone_.bind(phone.text()));
    }
  };
  return std::visit(Find{*this}, identifier);
}

std::optional<User> SqliteUserRepository::find_unrelated(const domain::Identifier& identifier) const {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  {
    Query row = find_ends_.bind();
    if (!row.step()) return std::nullopt;
    const auto oldest = row.optional_id<UserId>();
    const auto newest = row.optional_id<UserId>();
    if (!oldest || !newest) return std::nullopt;
    first = leading_bytes(*oldest);
    last = leading_bytes(*newest);
  }
  // Ids begin with the time and are spread as the accounts are.
  std::uint64_t place =
      first + std::hash<std::string>()(domain::identifier_key(identifier)) % (last - first + 1);
  std::string bytes(16, '\0');
  for (std::size_t i = 8; i-- > 0; place >>= 8) bytes[i] = static_cast<char>(place & 0xFF);
  const UserId before(base::Uuid::parse_bytes(bytes).value());
  return find_one(list_.bind(before, std::uint32_t{1}));
}

std::vector<User> SqliteUserRepository::list(const domain::Page<UserId>& page) const {
  std::vector<User> users;
  const UserId after = page.after.value_or(UserId());
  Query row = list_.bind(after, page.limit);
  while (row.step()) users.push_back(read_user(row));
  return users;
}

std::uint64_t SqliteUserRepository::count() const {
  Query row = count_.bind();
  row.step();
  return row.unsigned_integer<std::uint64_t>();
}

base::Result<void> SqliteUserRepository::insert(const User& user) {
  const bool inserted = with_columns(user, [&](const auto&... columns) {
    return insert_.bind(user.id, user.created_at, columns...).finish_unless_taken();
  });
  if (!inserted) return taken();
  return {};
}

base::Result<void> SqliteUserRepository::update(const User& user) {
  const bool updated = with_columns(
      user, [&](const auto&... columns) { return update_.bind(columns..., user.id).finish_unless_taken(); });
  if (!updated) return taken();
  if (connection_.changed_rows() == 0) return base::fail(ErrorCode::not_found, "no such user");
  return {};
}

void SqliteUserRepository::set_last_sign_in(UserId id, base::Timestamp at) { set_last_sign_in_.run(at, id); }

bool SqliteUserRepository::erase(UserId id) {
  erase_.run(id);
  return connection_.changed_rows() > 0;
}

}  // namespace latchkey::storage::sqlite

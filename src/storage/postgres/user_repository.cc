#include "storage/postgres/user_repository.h"

#include "storage/free_text.h"
#include "storage/postgres/columns.h"

namespace latchkey::storage::postgres {

using base::ErrorCode;
using domain::User;
using domain::UserId;

namespace {

constexpr Statement kFindById("SELECT " LK_USER_COLUMNS " FROM users WHERE id = $1");
constexpr Statement kFindByEmail("SELECT " LK_USER_COLUMNS " FROM users WHERE email = $1");
constexpr Statement kFindByUsername("SELECT " LK_USER_COLUMNS " FROM users WHERE username_key = $1");
constexpr Statement kFindByPhone("SELECT " LK_USER_COLUMNS " FROM users WHERE phone = $1");
#define LK_ACCOUNT_WHERE \
  "SELECT " LK_USER_COLUMNS_OF("users.") ", passwords.hash, passwords.changed_at FROM " \
  "users LEFT JOIN passwords ON passwords.user_id = users.id WHERE users."
constexpr Statement kFindAccountByEmail(LK_ACCOUNT_WHERE "email = $1");
constexpr Statement kFindAccountByUsername(LK_ACCOUNT_WHERE "username_key = $1");
constexpr Statement kFindAccountByPhone(LK_ACCOUNT_WHERE "phone = $1");
constexpr Statement kList("SELECT " LK_USER_COLUMNS " FROM users WHERE id > $1 ORDER BY id LIMIT $2");
constexpr Statement kCount("SELECT count(*) FROM users");
// A value that is taken must not end the transaction.
constexpr Statement kInsert(
    "INSERT INTO users (id, created_at, email, username_key, username_shown, phone, role, user_metadata, "
    "app_metadata, email_confirmed_at, phone_confirmed_at, banned_until, last_sign_in_at, updated_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT DO NOTHING");
constexpr Statement kUpdate(
    "UPDATE users SET email = $1, username_key = $2, username_shown = $3, phone = $4, role = $5, "
    "user_metadata = $6, app_metadata = $7, email_confirmed_at = $8, phone_confirmed_at = $9, "
    "banned_until = $10, last_sign_in_at = $11, updated_at = $12 WHERE id = $13");
constexpr Statement kSetLastSignIn("UPDATE users SET last_sign_in_at = $1 WHERE id = $2");
constexpr Statement kErase("DELETE FROM users WHERE id = $1");

std::optional<User> find_one(Rows row) {
  if (!row.step()) return std::nullopt;
  return read_user(row);
}

// A statement for each kind of identifier.
struct Statements {
  const Statement& email;
  const Statement& username;
  const Statement& phone;
};

// Runs the one for an identifier. Nothing for a text that cannot be stored either.
struct Find {
  Connection& connection;
  Statements statements;
  std::optional<Rows> operator()(const domain::Email& email) const {
    return run(statements.email, email.text());
  }
  std::optional<Rows> operator()(const domain::Username& username) const {
    return run(statements.username, username.key());
  }
  std::optional<Rows> operator()(const domain::Phone& phone) const {
    return run(statements.phone, phone.text());
  }

  std::optional<Rows> run(const Statement& statement, const std::string& text) const {
    std::string room;
    if (storable_text(text, room) != text) return std::nullopt;
    return connection.run(statement, text);
  }
};

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

std::optional<User> PostgresUserRepository::find(UserId id) const {
  return find_one(connection_.run(kFindById, id));
}

std::optional<User> PostgresUserRepository::find(const domain::Identifier& identifier) const {
  auto row = std::visit(
      Find{connection_, {.email = kFindByEmail, .username = kFindByUsername, .phone = kFindByPhone}},
      identifier);
  return row ? find_one(*std::move(row)) : std::nullopt;
}

std::optional<domain::UserWithPassword> PostgresUserRepository::find_with_password_confidential(
    const domain::Identifier& identifier) const {
  auto rows = std::visit(
      Find{connection_,
           {.email = kFindAccountByEmail, .username = kFindAccountByUsername, .phone = kFindAccountByPhone}},
      identifier);
  if (!rows || !rows->step()) return std::nullopt;
  Rows& row = *rows;
  domain::UserWithPassword found{.user = read_user(row), .credential = {}};
  const auto hash = row.optional_view();
  const auto changed_at = row.optional_time();
  if (hash && changed_at) {
    found.credential = {.user_id = found.user.id, .hash = base::Secret(*hash), .changed_at = *changed_at};
  }
  return found;
}

std::vector<User> PostgresUserRepository::list(const domain::Page<UserId>& page) const {
  std::vector<User> users;
  Rows row = connection_.run(kList, page.after.value_or(UserId()), page.limit);
  while (row.step()) users.push_back(read_user(row));
  return users;
}

std::uint64_t PostgresUserRepository::count() const {
  Rows row = connection_.run(kCount);
  row.step();
  return row.unsigned_integer<std::uint64_t>();
}

base::Result<void> PostgresUserRepository::insert(const User& user) {
  const Rows inserted = with_columns(user, [&](const auto&... columns) {
    return connection_.run(kInsert, user.id, user.created_at, columns...);
  });
  if (inserted.changed() == 0) return taken();
  return {};
}

base::Result<void> PostgresUserRepository::update(const User& user) {
  const std::optional<Rows> updated = with_columns(user, [&](const auto&... columns) {
    return connection_.run_unless_taken(kUpdate, columns..., user.id);
  });
  if (!updated) return taken();
  if (updated->changed() == 0) return base::fail(ErrorCode::not_found, "no such user");
  return {};
}

void PostgresUserRepository::set_last_sign_in(UserId id, base::Timestamp at) {
  connection_.queue(kSetLastSignIn, at, id);
}

bool PostgresUserRepository::erase(UserId id) { return connection_.run(kErase, id).changed() > 0; }

}  // namespace latchkey::storage::postgres

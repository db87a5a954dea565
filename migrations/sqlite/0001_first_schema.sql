-- Ids are UUIDv7 as 16 bytes, times are milliseconds since 1970 (UTC). What most rows have in common is
-- NULL, so that it takes no room; docs/decisions/0004-sqlite-schema.md has the measurements.

CREATE TABLE users (
  id BLOB NOT NULL PRIMARY KEY,
  email TEXT,
  username_key TEXT,   -- the case-folded form, which is unique
  username_shown TEXT, -- NULL: as username_key
  phone TEXT,
  role TEXT,           -- NULL: authenticated
  user_metadata TEXT,  -- NULL: {}
  app_metadata TEXT,   -- NULL: {}
  email_confirmed_at INTEGER,
  phone_confirmed_at INTEGER,
  banned_until INTEGER,
  last_sign_in_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  CHECK (email IS NOT NULL OR username_key IS NOT NULL OR phone IS NOT NULL)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX users_email ON users (email) WHERE email IS NOT NULL;
CREATE UNIQUE INDEX users_username_key ON users (username_key) WHERE username_key IS NOT NULL;
CREATE UNIQUE INDEX users_phone ON users (phone) WHERE phone IS NOT NULL;

-- Apart from users, so that a hash is read only where a password is checked.
CREATE TABLE passwords (
  user_id BLOB NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  hash TEXT NOT NULL,
  changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A refresh changes columns without an index only: expires_at has none, because it moves with every refresh.
-- purge_check_at stands for it: never later than expires_at, and moved on by the purge, not by the refresh.
CREATE TABLE sessions (
  id BLOB NOT NULL PRIMARY KEY,
  user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  refresh_counter INTEGER NOT NULL,
  successor_seen INTEGER NOT NULL, -- 0 or 1
  created_at INTEGER NOT NULL,
  refreshed_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  absolute_expires_at INTEGER NOT NULL,
  purge_check_at INTEGER NOT NULL,
  ended_at INTEGER,
  ended_by INTEGER, -- 1 signed_out, 2 revoked, 3 password_changed, 4 refresh_reused, 5 user_disabled
  user_agent TEXT NOT NULL,
  ip TEXT NOT NULL,
  method TEXT -- NULL: password
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_user ON sessions (user_id);
-- ended_at is in it, always NULL, so that SQLite can count live sessions without looking at their rows.
CREATE INDEX sessions_purge_check ON sessions (purge_check_at, ended_at) WHERE ended_at IS NULL;
CREATE INDEX sessions_ended ON sessions (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE keys (
  kid TEXT NOT NULL PRIMARY KEY,
  purpose TEXT NOT NULL,   -- sign, refresh_mac
  algorithm TEXT NOT NULL, -- of signing keys, else empty
  state TEXT NOT NULL,     -- next, active, retired
  sealed_private BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  activated_at INTEGER,
  retired_at INTEGER
) STRICT, WITHOUT ROWID;

-- Append only. No foreign keys: events outlive the account they are about.
CREATE TABLE events (
  id BLOB NOT NULL PRIMARY KEY,
  type INTEGER NOT NULL, -- the numbers of domain::EventType
  at INTEGER NOT NULL,
  user_id BLOB,
  session_id BLOB,
  ip TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX events_user ON events (user_id) WHERE user_id IS NOT NULL;

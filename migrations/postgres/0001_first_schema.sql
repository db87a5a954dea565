-- The same tables, columns and indexes as migrations/sqlite/0001_first_schema.sql: a test compares them. Ids
-- are UUIDv7, times are milliseconds since 1970 (UTC). Metadata is text and not jsonb, so that it comes back to
-- the byte. What is looked up by text is compared byte by byte (COLLATE "C"): its index stays right when the
-- operating system's sorting changes. The room that fillfactor leaves lets an update stay on its page, which
-- spares the indexes; docs/decisions/0007-postgresql.md has the reasons.

CREATE TABLE users (
  id uuid NOT NULL PRIMARY KEY,
  email text COLLATE "C",
  username_key text COLLATE "C", -- the case-folded form, which is unique
  username_shown text,           -- NULL: as username_key
  phone text COLLATE "C",
  role text,                     -- NULL: authenticated
  user_metadata text,            -- NULL: {}
  app_metadata text,             -- NULL: {}
  email_confirmed_at bigint,
  phone_confirmed_at bigint,
  banned_until bigint,
  last_sign_in_at bigint,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  CHECK (email IS NOT NULL OR username_key IS NOT NULL OR phone IS NOT NULL)
) WITH (fillfactor = 85);
CREATE UNIQUE INDEX users_email ON users (email) WHERE email IS NOT NULL;
CREATE UNIQUE INDEX users_username_key ON users (username_key) WHERE username_key IS NOT NULL;
CREATE UNIQUE INDEX users_phone ON users (phone) WHERE phone IS NOT NULL;

-- Apart from users, so that a hash is read only where a password is checked.
CREATE TABLE passwords (
  user_id uuid NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  hash text NOT NULL,
  changed_at bigint NOT NULL
);

-- A refresh changes columns without an index only: expires_at has none, because it moves with every refresh.
-- purge_check_at stands for it: never later than expires_at, and moved on by the purge, not by the refresh.
CREATE TABLE sessions (
  id uuid NOT NULL PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  refresh_counter bigint NOT NULL,
  successor_seen boolean NOT NULL,
  created_at bigint NOT NULL,
  refreshed_at bigint NOT NULL,
  expires_at bigint NOT NULL,
  absolute_expires_at bigint NOT NULL,
  purge_check_at bigint NOT NULL,
  ended_at bigint,
  ended_by smallint, -- 1 signed_out, 2 revoked, 3 password_changed, 4 refresh_reused, 5 user_disabled
  user_agent text NOT NULL,
  ip text NOT NULL,
  method text -- NULL: password
) WITH (fillfactor = 75);
CREATE INDEX sessions_user ON sessions (user_id);
-- ended_at is in it, always NULL, so that live sessions can be counted without looking at their rows.
CREATE INDEX sessions_purge_check ON sessions (purge_check_at, ended_at) WHERE ended_at IS NULL;
CREATE INDEX sessions_ended ON sessions (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE keys (
  kid text COLLATE "C" NOT NULL PRIMARY KEY,
  purpose text NOT NULL,   -- sign, refresh_mac
  algorithm text NOT NULL, -- of signing keys, else empty
  state text NOT NULL,     -- next, active, retired
  sealed_private bytea NOT NULL,
  created_at bigint NOT NULL,
  activated_at bigint,
  retired_at bigint
);

-- Append only. No foreign keys: events outlive the account they are about.
CREATE TABLE events (
  id uuid NOT NULL PRIMARY KEY,
  type smallint NOT NULL, -- the numbers of domain::EventType
  at bigint NOT NULL,
  user_id uuid,
  session_id uuid,
  ip text NOT NULL,
  detail text NOT NULL
);
CREATE INDEX events_user ON events (user_id) WHERE user_id IS NOT NULL;

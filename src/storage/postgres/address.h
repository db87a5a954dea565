// Where the database is and how to reach it: an address in libpq's forms, taken apart and completed.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"

namespace latchkey::storage::postgres {

// The parts of an address. The password is kept apart and shown to nobody.
struct Address {
  std::vector<std::pair<std::string, std::string>> parts;  // libpq's keywords, without the password
  base::Secret password;  // empty: none, or from libpq's own places (.pgpass)

  // The value of a keyword, or empty.
  std::string_view find(std::string_view keyword) const;
  // Sets the keyword unless the address has it.
  void set_default(std::string_view keyword, std::string value);
};

// Takes apart `postgres://user:password@host:port/name?sslmode=…` or `host=… dbname=…`. `password`, unless it
// is empty, stands for the one in the address. Fails with storage_unavailable and a message that says what to
// do and repeats nothing of the address, since any of it may be a piece of the password.
base::Result<Address> parse_address(std::string_view text, const base::Secret& password);

// `database "name" on host:port as user "name"`, for messages; no secrets.
std::string describe_target(const Address& address);

}  // namespace latchkey::storage::postgres

// libpq, found when a database on PostgreSQL is opened. Linked as usual, it and what it brings (Kerberos,
// LDAP, a second OpenSSL) would cost every server on SQLite 5 MB and 12 ms at start
// (docs/decisions/0006-static-release.md).
#pragma once

#include "base/result.h"

namespace latchkey::storage::postgres {

// Loads the library unless it is there already; thread-safe. Fails with storage_unavailable and a message
// that names the package. No function of libpq may be called before this succeeded.
base::Result<void> load_libpq();

}  // namespace latchkey::storage::postgres

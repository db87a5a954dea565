#include "storage/postgres/testing/pg_bouncer.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace latchkey::storage::postgres::testing {
namespace {

std::filesystem::path find_program() {
  for (const std::filesystem::path program :
       {"/usr/sbin/pgbouncer", LATCHKEY_SOURCE_DIR "/.tools/pgbouncer/usr/sbin/pgbouncer"}) {
    if (std::filesystem::exists(program)) return program;
  }
  throw std::runtime_error("PgBouncer is not there; ./dev setup test gets it");
}

}  // namespace

PgBouncer& PgBouncer::shared() {
  static PgBouncer pooler(PostgresServer::shared());
  return pooler;
}

PgBouncer::PgBouncer(const PostgresServer& server) {
  const std::filesystem::path settings = folder_.path() / "pgbouncer.ini";
  std::ofstream(settings) << "[databases]\n* = user=latchkey " << "host=" << server.socket_folder() << "\n"
                          << "[pgbouncer]\nlisten_addr =\nunix_socket_dir = " << folder_.path().string()
                          << "\nauth_type = any\npool_mode = transaction\ndefault_pool_size = 4\n"
                          << "max_client_conn = 200\nlog_connections = 0\nlog_disconnections = 0\n";
  // A copy, since the folder it is in may be open to this user only.
  const std::filesystem::path program = folder_.path() / "pgbouncer";
  std::filesystem::copy_file(find_program(), program);
  std::filesystem::permissions(program, std::filesystem::perms(0755));
  process_.start({program, settings}, "process up");
}

std::string PgBouncer::address(std::string_view database) const {
  return fmt::format("host={} port=6432 user=latchkey dbname={}", folder_.path().string(), database);
}

}  // namespace latchkey::storage::postgres::testing

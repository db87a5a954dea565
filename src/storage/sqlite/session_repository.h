// Sessions in the table `sessions`.
#pragma once

#include "domain/store.h"
#include "storage/sqlite/connection.h"

namespace latchkey::storage::sqlite {

class SqliteSessionRepository final : public domain::SessionRepository {
 public:
  explicit SqliteSessionRepository(Connection& connection);

  std::optional<domain::Session> find(domain::SessionId id) const override;
  std::optional<domain::SessionWithUser> find_with_user(domain::SessionId id) const override;
  std::optional<domain::SessionWithUser> lock_with_user(domain::SessionId id) override;
  std::vector<domain::Session> list_alive(domain::UserId user_id, base::Timestamp now) const override;
  std::uint64_t count_alive(base::Timestamp now) const override;
  void insert(const domain::Session& session) override;
  bool rotate(domain::SessionId id, std::uint32_t expected_counter,
              const domain::SessionRotation& rotation) override;
  void mark_successor_seen(domain::SessionId id, std::uint32_t counter) override;
  bool end(domain::SessionId id, domain::SessionEnd by, base::Timestamp now) override;
  std::uint64_t end_all(domain::UserId user_id, std::optional<domain::SessionId> except,
                        domain::SessionEnd by, base::Timestamp now) override;
  std::uint64_t purge(base::Timestamp before, std::uint32_t limit) override;

 private:
  Connection& connection_;
  mutable Statement find_, find_with_user_, list_alive_, count_alive_;
  Statement insert_, rotate_, rotate_to_earlier_end_, mark_successor_seen_, end_, end_all_, move_purge_check_,
      purge_expired_, purge_ended_;
};

}  // namespace latchkey::storage::sqlite

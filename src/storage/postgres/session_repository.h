// Sessions in the table `sessions`.
#pragma once

#include <span>
#include <vector>

#include "domain/store.h"
#include "storage/postgres/connection.h"

namespace latchkey::storage::postgres {

class PostgresSessionRepository final : public domain::SessionRepository {
 public:
  explicit PostgresSessionRepository(Connection& connection) : connection_(connection) {}

  std::optional<domain::Session> find(domain::SessionId id) const override;
  std::optional<domain::SessionWithUser> find_with_user(domain::SessionId id) const override;
  std::optional<domain::SessionWithUser> lock_with_user(domain::SessionId id) override;
  // Each that is there, in any order.
  std::vector<domain::SessionWithUser> find_all_with_user(std::span<const domain::SessionId> ids) const;
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
  // A row that nobody else can change, as it was after the connection had sent that many statements.
  struct Locked {
    domain::SessionId id;
    std::uint32_t refresh_counter;
    bool has_ended;
    std::uint64_t statements_sent;
  };

  Connection& connection_;
  std::optional<Locked> locked_;
};

}  // namespace latchkey::storage::postgres

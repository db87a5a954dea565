// What happened, in the table `events`.
#pragma once

#include "domain/store.h"
#include "storage/postgres/connection.h"

namespace latchkey::storage::postgres {

class PostgresEventRepository final : public domain::EventRepository {
 public:
  explicit PostgresEventRepository(Connection& connection) : connection_(connection) {}

  void append(const domain::Event& event) override;
  std::vector<domain::Event> list(std::optional<domain::UserId> user_id,
                                  const domain::Page<domain::EventId>& page) const override;
  std::uint64_t purge(base::Timestamp before, std::uint32_t limit) override;

 private:
  Connection& connection_;
};

}  // namespace latchkey::storage::postgres

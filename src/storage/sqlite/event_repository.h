// What happened, in the table `events`.
#pragma once

#include "domain/store.h"
#include "storage/sqlite/connection.h"

namespace latchkey::storage::sqlite {

class SqliteEventRepository final : public domain::EventRepository {
 public:
  explicit SqliteEventRepository(Connection& connection);

  void append(const domain::Event& event) override;
  std::vector<domain::Event> list(std::optional<domain::UserId> user_id,
                                  const domain::Page<domain::EventId>& page) const override;
  std::uint64_t purge(base::Timestamp before, std::uint32_t limit) override;

 private:
  Connection& connection_;
  Statement append_;
  mutable Statement list_, list_of_user_;
  Statement purge_;
};

}  // namespace latchkey::storage::sqlite

#include "app/move_database.h"

#include <fmt/format.h>

#include <filesystem>

#include "app/open_store.h"
#include "base/infra_error.h"
#include "storage/sqlite/sqlite_transfer.h"

namespace latchkey::app {
namespace {

using storage::transfer::MoveResult;
using storage::transfer::Source;
using storage::transfer::Table;
using storage::transfer::Target;
using storage::transfer::Use;

bool is_the_same(const config::Settings& from, const config::Settings& to) {
  const auto one = config::database_file(from);
  const auto other = config::database_file(to);
  if (!one || !other) return !one && !other && from.database.url == to.database.url;
  std::error_code not_there;
  return *one == *other || std::filesystem::equivalent(*one, *other, not_there);
}

base::Error explain(const base::InfraError& error) {
  base::Error result{.code = error.code(), .detail = error.what()};
  result.message =
      error.code() == base::ErrorCode::storage_unavailable
          ? fmt::format(
                "The move was interrupted: {}. The source is as it was. When the cause is gone, run "
                "the same command again: it goes on where it stopped.",
                error.what())
          : fmt::format("The move was given up: {}. The source is as it was.", error.what());
  return result;
}

// Opens both and has `work` do its part.
template <class T, class Work>
std::expected<T, MoveFailure> with_both(const config::Settings& from, const config::Settings& to,
                                        bool only_look, const base::Clock& clock, base::Logger& log,
                                        Work&& work) {
  if (is_the_same(from, to)) {
    const std::string message = "Both addresses name the same database.";
    return std::unexpected(
        base::Error{.code = base::ErrorCode::validation_failed, .detail = message, .message = message});
  }
  try {
    auto source = open_transfer(from, only_look ? Use::look : Use::source, clock, log);
    if (!source) return std::unexpected(std::move(source.error()));
    auto target = open_transfer(to, only_look ? Use::look : Use::target, clock, log);
    if (!target) return std::unexpected(std::move(target.error()));
    MoveResult<T> result = work(**source, **target, storage::sqlite::tables_of_migrations());
    if (!result) return std::unexpected(std::move(result.error()));
    return *std::move(result);
  } catch (const base::InfraError& error) {
    return std::unexpected(explain(error));
  }
}

}  // namespace

std::expected<storage::transfer::Plan, MoveFailure> plan_move(const config::Settings& from,
                                                              const config::Settings& to,
                                                              const base::Clock& clock, base::Logger& log) {
  return with_both<storage::transfer::Plan>(
      from, to, true, clock, log, [](Source& source, Target& target, const std::vector<Table>& tables) {
        return storage::transfer::plan_move(source, target, tables);
      });
}

std::expected<storage::transfer::MoveReport, MoveFailure> move_database(const config::Settings& from,
                                                                        const config::Settings& to,
                                                                        const base::Clock& clock,
                                                                        base::Logger& log,
                                                                        storage::transfer::Report report) {
  return with_both<storage::transfer::MoveReport>(
      from, to, false, clock, log, [&](Source& source, Target& target, const std::vector<Table>& tables) {
        return storage::transfer::move(source, target, tables, report);
      });
}

}  // namespace latchkey::app

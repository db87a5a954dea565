#include "storage/transfer/mover.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "storage/transfer/checksum.h"

namespace latchkey::storage::transfer {
namespace {

// A batch is one transaction of the target. Large enough that its commit costs little, small enough that a
// few megabytes of memory do; rows of up to 40 KiB come in smaller ones.
constexpr std::uint32_t kFirstRows = 500;
constexpr std::uint32_t kMostRows = 5000;
constexpr std::size_t kWantedBytes = 4 * 1024 * 1024;

std::unexpected<MoveError> refuse(Refusal why, std::string message) {
  return std::unexpected(MoveError{.why = why, .message = std::move(message)});
}

// Reads a table batch after batch, each as large as the one before allows.
class Reader {
 public:
  Reader(Snapshot& snapshot, const Table& table, Key after = {})
      : snapshot_(snapshot), table_(table), after_(std::move(after)) {}

  // False at the end.
  bool next(Batch& batch) {
    snapshot_.read(table_, after_, limit_, batch);
    if (batch.rows() == 0) return false;
    after_ = batch.last_key(table_);
    if (batch.bytes() > kWantedBytes) {
      limit_ = std::max<std::uint32_t>(limit_ / 2, 1);
    } else if (batch.bytes() * 2 <= kWantedBytes) {
      limit_ = std::min(limit_ * 2, kMostRows);
    }
    return true;
  }

 private:
  Snapshot& snapshot_;
  const Table& table_;
  Key after_;
  std::uint32_t limit_ = kFirstRows;
};

std::vector<Checksum> read_checksums(Snapshot& snapshot, std::span<const Table> tables, Stage stage,
                                     std::span<const Mark> expected, Batch& batch, Report report) {
  std::vector<Checksum> sums(tables.size());
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const std::uint64_t of = expected.empty() ? 0 : expected[i].rows;
    const auto note = [&](bool is_done) {
      report({.stage = stage, .table = tables[i].name, .rows = sums[i].rows(), .of = of, .is_done = is_done});
    };
    note(false);
    for (Reader reader(snapshot, tables[i]); reader.next(batch);) {
      sums[i].add(tables[i], batch);
      note(false);
    }
    note(true);
  }
  return sums;
}

bool has_the_same_columns(Source& database, const Table& table) {
  std::vector<Column> actual = database.read_columns(table.name);
  std::vector<Column> expected = table.columns;
  std::ranges::sort(actual, {}, &Column::name);
  std::ranges::sort(expected, {}, &Column::name);
  return actual == expected;
}

MoveResult<void> check_tables(Source& database, std::span<const Table> tables, Refusal why) {
  for (const Table& table : tables) {
    if (has_the_same_columns(database, table)) continue;
    return refuse(
        why, fmt::format("The table {} in {} is missing or was changed by hand. Restore that database from a "
                         "backup.",
                         table.name, database.name()));
  }
  return {};
}

MoveResult<void> check_source(Source& source, std::span<const Table> tables) {
  const auto missing = source.missing_migrations();
  if (!missing)
    return refuse(Refusal::source_not_ready, missing.error().message.value_or(missing.error().detail));
  if (!missing->empty()) {
    const bool has_none = missing->front().number == 1;
    return refuse(
        Refusal::source_not_ready,
        has_none ? fmt::format("There is no database of Latchkey in {}. Check --from.", source.name())
                 : fmt::format("{} is older than this program: it lacks migration {} ({}). Bring it up to "
                               "date with latchkey migrate first.",
                               source.name(), missing->front().number, missing->front().name));
  }
  if (source.read_marks()) {
    return refuse(Refusal::source_not_ready, refuse_half_moved(source.name()).error().message.value_or(""));
  }
  return check_tables(source, tables, Refusal::source_not_ready);
}

MoveResult<std::vector<Migration>> missing_in_target(Target& target) {
  auto missing = target.missing_migrations();
  if (!missing)
    return refuse(Refusal::target_not_ready, missing.error().message.value_or(missing.error().detail));
  return *std::move(missing);
}

MoveResult<void> check_empty(Target& target, std::span<const Table> tables) {
  std::vector<std::string> found;
  const auto snapshot = target.open_snapshot();
  for (const Table& table : tables) {
    if (const std::uint64_t rows = snapshot->count(table); rows > 0)
      found.push_back(fmt::format("{} {}", rows, table.name));
  }
  if (found.empty()) return {};
  return refuse(
      Refusal::target_not_empty,
      fmt::format("{} is not empty: it has {}. A move never mixes two sets of people. Name a new database; "
                  "if that data is not wanted (a server's first start makes keys), drop the database or "
                  "delete its file first.",
                  target.name(), fmt::join(found, ", ")));
}

const Mark* find_mark(const std::optional<std::vector<Mark>>& marks, const std::string& table) {
  if (!marks) return nullptr;
  const auto found = std::ranges::find(*marks, table, &Mark::table);
  return found == marks->end() ? nullptr : &*found;
}

// What can be kept of an earlier attempt, and what cannot.
struct Start {
  std::vector<Mark> marks;      // one for each table
  std::vector<Table> to_empty;  // only where there was an earlier attempt
};

Start decide_start(std::span<const Table> tables, std::span<const Checksum> sums,
                   const std::optional<std::vector<Mark>>& earlier) {
  Start start;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const Table& table = tables[i];
    const Mark* const mark = find_mark(earlier, table.name);
    // Rows of an emptied table may be missing to those that refer to them.
    const bool loses_its_rows = std::ranges::any_of(start.to_empty, [&](const Table& emptied) {
      return std::ranges::find(table.refers_to, emptied.name) != table.refers_to.end();
    });
    const bool is_kept = mark != nullptr && mark->rows == sums[i].rows() &&
                         mark->checksum == sums[i].text() && !loses_its_rows;
    if (earlier && !is_kept) start.to_empty.push_back(table);
    start.marks.push_back({.table = table.name,
                           .rows = sums[i].rows(),
                           .checksum = sums[i].text(),
                           .done = is_kept ? mark->done : 0});
  }
  return start;
}

void copy_table(Snapshot& snapshot, Target& target, const Table& table, const Mark& mark, Batch& batch,
                Report report) {
  std::uint64_t done = mark.done;
  const auto note = [&](bool is_done) {
    report({.stage = Stage::copying, .table = table.name, .rows = done, .of = mark.rows, .is_done = is_done});
  };
  note(false);
  for (Reader reader(snapshot, table, done == 0 ? Key() : target.last_key(table)); reader.next(batch);) {
    done += batch.rows();
    target.write(table, batch, done);
    note(false);
  }
  note(true);
}

MoveResult<void> compare(Target& target, std::span<const Table> tables, std::span<const Mark> marks,
                         Batch& batch, Report report) {
  std::vector<std::string> different;
  std::string text;
  const auto sums = read_checksums(*target.open_snapshot(), tables, Stage::checking, marks, batch, report);
  for (std::size_t i = 0; i < tables.size(); ++i) {
    if (sums[i].rows() == marks[i].rows && sums[i].text() == marks[i].checksum) continue;
    different.push_back(tables[i].name);
    text += fmt::format("\n  {}: {} rows with checksum {} there, {} rows with {} here", tables[i].name,
                        marks[i].rows, marks[i].checksum.substr(0, 16), sums[i].rows(),
                        sums[i].text().substr(0, 16));
  }
  if (different.empty()) return {};
  target.give_up(different);
  return refuse(
      Refusal::copy_differs,
      fmt::format(
          "What has arrived in {} is not what was sent:{}\nSomebody else may have written to it, or its "
          "disk is damaged. The source is as it was, and no server starts on the copy. Run the same "
          "command again: it copies these tables anew.",
          target.name(), text));
}

}  // namespace

MoveResult<Plan> plan_move(Source& source, Target& target, std::span<const Table> tables) {
  if (auto checked = check_source(source, tables); !checked)
    return std::unexpected(std::move(checked.error()));
  const auto missing = missing_in_target(target);
  if (!missing) return std::unexpected(missing.error());
  const auto marks = target.read_marks();
  Plan plan{.tables = {}, .makes_tables = !missing->empty(), .continues = marks.has_value()};
  if (!plan.makes_tables) {
    if (auto checked = check_tables(target, tables, Refusal::target_not_ready); !checked)
      return std::unexpected(std::move(checked.error()));
    if (!plan.continues) {
      if (auto checked = check_empty(target, tables); !checked)
        return std::unexpected(std::move(checked.error()));
    }
  }
  const auto snapshot = source.open_snapshot();
  for (const Table& table : tables) {
    const Mark* const mark = find_mark(marks, table.name);
    plan.tables.push_back(
        {.name = table.name, .rows = snapshot->count(table), .arrived = mark == nullptr ? 0 : mark->done});
  }
  return plan;
}

MoveResult<MoveReport> move(Source& source, Target& target, std::span<const Table> tables, Report report) {
  if (auto checked = check_source(source, tables); !checked)
    return std::unexpected(std::move(checked.error()));
  if (const auto missing = missing_in_target(target); !missing) return std::unexpected(missing.error());
  if (auto made = target.make_tables(); !made)
    return refuse(Refusal::target_not_ready, made.error().message.value_or(made.error().detail));
  if (auto checked = check_tables(target, tables, Refusal::target_not_ready); !checked)
    return std::unexpected(std::move(checked.error()));
  const auto earlier = target.read_marks();
  if (!earlier) {
    if (auto checked = check_empty(target, tables); !checked)
      return std::unexpected(std::move(checked.error()));
  }

  Batch batch;
  Start start;
  MoveReport result;
  {
    const auto snapshot = source.open_snapshot();
    const auto sums = read_checksums(*snapshot, tables, Stage::reading, {}, batch, report);
    result.changed_texts = batch.changed_texts();
    start = decide_start(tables, sums, earlier);
    if (!target.begin(start.marks, start.to_empty)) {
      return refuse(Refusal::target_not_empty,
                    fmt::format("Somebody has written to {} just now. End what uses it, and make it empty.",
                                target.name()));
    }
    for (std::size_t i = 0; i < tables.size(); ++i)
      copy_table(*snapshot, target, tables[i], start.marks[i], batch, report);
  }
  if (auto same = compare(target, tables, start.marks, batch, report); !same)
    return std::unexpected(std::move(same.error()));
  target.finish();
  for (const Mark& mark : start.marks) {
    result.tables.push_back(
        {.name = mark.table, .rows = mark.rows, .kept = mark.done, .checksum = mark.checksum});
  }
  return result;
}

}  // namespace latchkey::storage::transfer

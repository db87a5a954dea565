#include "storage/postgres/connection.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

namespace latchkey::storage::postgres {
namespace {

constexpr Statement kBeginSnapshot("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
constexpr Statement kBeginSerializable("BEGIN ISOLATION LEVEL SERIALIZABLE");
constexpr Statement kCommit("COMMIT");
constexpr Statement kRollBack("ROLLBACK");
constexpr Statement kLimitTransaction("SELECT set_config('statement_timeout', $1, true)");
// A transaction whose client has gone silent must not hold its locks.
constexpr Statement kLimitSession(
    "SELECT set_config('statement_timeout', $1, false), "
    "set_config('idle_in_transaction_session_timeout', $2, false), "
    "set_config('default_transaction_isolation', 'repeatable read', false)");
constexpr Statement kDescribeSession(
    "SELECT pg_backend_pid(), current_setting('server_version_num')::int, "
    "current_setting('server_encoding')");

constexpr int kOldestServer = 130000;

std::string first_line(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  std::string line(text);
  std::ranges::replace(line, '\n', ' ');
  return line;
}

struct ConnectArguments {
  std::vector<const char*> keywords;
  std::vector<const char*> values;
};

// Borrows from `address`.
ConnectArguments connect_arguments(const Address& address) {
  ConnectArguments arguments;
  for (const auto& [keyword, value] : address.parts) {
    arguments.keywords.push_back(keyword.c_str());
    arguments.values.push_back(value.c_str());
  }
  if (!address.password.empty()) {
    arguments.keywords.push_back("password");
    arguments.values.push_back(address.password.confidential_text().data());
  }
  arguments.keywords.push_back(nullptr);
  arguments.values.push_back(nullptr);
  return arguments;
}

Address complete(Address address, base::Milliseconds connect_timeout, base::Milliseconds statement_timeout) {
  const auto seconds = std::max<std::int64_t>((connect_timeout.count() + 999) / 1000, 1);
  address.set_default("connect_timeout", std::to_string(seconds));
  address.set_default("fallback_application_name", "latchkey");
  address.set_default("client_encoding", "UTF8");
  // A machine that vanished without a word is noticed by its silence.
  address.set_default("keepalives_idle", "10");
  address.set_default("keepalives_interval", "5");
  address.set_default("keepalives_count", "3");
  if (statement_timeout.count() > 0) {
    address.set_default("tcp_user_timeout", std::to_string((statement_timeout + kPatience).count()));
  }
  address.set_default("gssencmode", "disable");
  // Of several hosts, the one that takes writes.
  address.set_default("target_session_attrs", "read-write");
  return address;
}

// libpq tells no SQLSTATE when it could not connect, unless it is asked to write it into the message.
std::string find_sqlstate_of_failure(const Address& address) {
  const ConnectArguments arguments = connect_arguments(address);
  const std::unique_ptr<PGconn, decltype(&PQfinish)> attempt(
      PQconnectStartParams(arguments.keywords.data(), arguments.values.data(), 0), PQfinish);
  if (attempt == nullptr) return {};
  PQsetErrorVerbosity(attempt.get(), PQERRORS_SQLSTATE);
  for (PostgresPollingStatusType next = PGRES_POLLING_WRITING;
       next == PGRES_POLLING_READING || next == PGRES_POLLING_WRITING; next = PQconnectPoll(attempt.get())) {
    pollfd socket{.fd = PQsocket(attempt.get()),
                  .events = static_cast<short>(next == PGRES_POLLING_READING ? POLLIN : POLLOUT),
                  .revents = 0};
    constexpr int kMilliseconds = 1000;
    if (socket.fd < 0 || poll(&socket, 1, kMilliseconds) <= 0) return {};
  }
  // "connection to server … failed: FATAL:  28P01", with the severity in the server's language.
  const std::string message = first_line(PQerrorMessage(attempt.get()));
  constexpr std::string_view kMark = ":  ";
  const std::size_t at = message.rfind(kMark);
  if (at == std::string::npos || message.size() - at - kMark.size() != 5) return {};
  return message.substr(at + kMark.size());
}

}  // namespace

constexpr Statement Connection::kSavepoint("SAVEPOINT work");
constexpr Statement Connection::kRelease("RELEASE SAVEPOINT work");
constexpr Statement Connection::kRollBackToSavepoint("ROLLBACK TO SAVEPOINT work");

std::uint64_t Rows::changed() const {
  const std::string_view text = PQcmdTuples(result_.get());
  std::uint64_t count = 0;
  for (const char digit : text) count = count * 10 + static_cast<std::uint64_t>(digit - '0');
  return count;
}

std::int64_t Rows::integer() {
  const std::string_view bytes = view();
  if (bytes.empty()) return 0;
  // Two's complement, big-endian, in one, two, four or eight bytes.
  std::int64_t value = bytes.size() > 1 && (static_cast<unsigned char>(bytes.front()) & 0x80) != 0 ? -1 : 0;
  for (const char byte : bytes) {
    value = static_cast<std::int64_t>((static_cast<std::uint64_t>(value) << 8) |
                                      static_cast<unsigned char>(byte));
  }
  return value;
}

std::string_view Rows::view() {
  const int column = column_++;
  return {PQgetvalue(result_.get(), row_, column),
          static_cast<std::size_t>(PQgetlength(result_.get(), row_, column))};
}

bool Rows::next_is_null() {
  if (PQgetisnull(result_.get(), row_, column_) == 0) return false;
  ++column_;
  return true;
}

base::Uuid Rows::uuid() {
  const auto found = base::Uuid::parse_bytes(view());
  if (!found) throw PostgresError(Failure::ours, {}, "reading rows", "an id that is not a uuid");
  return *found;
}

Connection::Connection(const ConnectionOptions& options, const base::Clock& clock)
    : clock_(clock),
      statement_timeout_(options.statement_timeout),
      prepares_(options.use_prepared_statements) {
  const Address address = complete(options.address, options.connect_timeout, options.statement_timeout);
  const ConnectArguments arguments = connect_arguments(address);
  handle_.reset(PQconnectdbParams(arguments.keywords.data(), arguments.values.data(), 0));
  if (handle_ == nullptr) throw PostgresError(Failure::lost, {}, "connecting", "out of memory");
  if (PQstatus(handle_.get()) != CONNECTION_OK) {
    const std::string sqlstate = options.explains_failure ? find_sqlstate_of_failure(address) : std::string();
    throw PostgresError(sqlstate.empty() ? Failure::lost : classify(sqlstate), sqlstate, "connecting",
                        first_line(PQerrorMessage(handle_.get())));
  }
  // Notices go to standard error otherwise.
  PQsetNoticeReceiver(handle_.get(), [](void*, const PGresult*) {}, nullptr);
  if (PQsetnonblocking(handle_.get(), 1) != 0 || PQenterPipelineMode(handle_.get()) != 1) {
    break_off(Failure::lost, first_line(PQerrorMessage(handle_.get())));
  }
  learn_about_session();
}

void Connection::learn_about_session() {
  const bool prepares = std::exchange(prepares_, false);
  Rows row = run(kDescribeSession);
  row.step();
  const auto backend = static_cast<int>(row.integer());
  server_version_ = static_cast<int>(row.integer());
  const std::string encoding = row.text();
  if (server_version_ < kOldestServer) {
    throw PostgresError(
        Failure::ours, "0A000", "connecting",
        fmt::format("the server is PostgreSQL {}, and 13 is the oldest that Latchkey works with",
                    server_version_ / 10000));
  }
  if (encoding != "UTF8") {
    throw PostgresError(Failure::ours, "22021", "connecting",
                        fmt::format("the database's encoding is {}, and must be UTF8", encoding));
  }
  // A pooler makes up the number it gives its clients.
  session_is_shared_ = backend != PQbackendPID(handle_.get());
  backend_id_ = backend;
  prepares_ = prepares;
  if (!session_is_shared_) {
    const std::string limit = std::to_string(statement_timeout_.count());
    // Between two statements of a transaction there is a little computing and never a wait.
    const std::string idle_limit =
        std::to_string(std::max<std::int64_t>(2 * statement_timeout_.count(), 10'000));
    run(kLimitSession, limit, idle_limit);
  }
  finish_pipeline();
}

void Connection::begin_read() { begin(Frame::read); }

void Connection::begin_write() { begin(Frame::write); }

void Connection::begin(Frame frame) {
  frame_ = frame;
  begin_is_owed_ = true;
  is_open_ = false;
  has_answered_ = false;
}

void Connection::end_read() {
  begin_is_owed_ = false;
  if (!std::exchange(is_open_, false)) return;
  // Otherwise the synchronisation ends the transaction, which was never begun in words.
  if (session_is_shared_) send_now(kCommit, Parameters());
  synchronise();
  forget_pending();
}

void Connection::commit() {
  begin_is_owed_ = false;
  if (!is_open_) return;
  send_now(kCommit, Parameters());
  synchronise();
  const ResultPtr committed = take_answers();
  is_open_ = false;
  if (std::string_view(PQcmdStatus(committed.get())) != "COMMIT") {
    break_off(Failure::unavailable, "the transaction was rolled back instead of committed");
  }
}

void Connection::roll_back() noexcept {
  begin_is_owed_ = false;
  if (!std::exchange(is_open_, false) || broken_) return;
  try {
    // Whatever was queued may fail; it must not take ROLLBACK along.
    synchronise();
    if (frame_ == Frame::write || session_is_shared_) {
      send_now(kRollBack, Parameters());
      synchronise();
    }
    forget_pending();
  } catch (const std::exception&) {
    broken_ = true;  // the server rolls back when the connection closes
  }
}

void Connection::finish_pipeline() {
  synchronise();
  take_answers();
}

void Connection::run_script(const std::string& sql, base::Milliseconds patience) {
  run_outside_pipeline(sql, patience, "a script", [](auto) {});
}

void Connection::copy_in(const std::string& sql, std::string_view data, base::Milliseconds patience) {
  run_outside_pipeline(sql, patience, sql, [&](std::chrono::steady_clock::time_point until) {
    // In pieces, since libpq keeps what the server does not take yet.
    constexpr std::size_t kPiece = 256 * 1024;
    for (std::size_t sent = 0; sent < data.size(); sent += kPiece) {
      const std::string_view piece = data.substr(sent, kPiece);
      if (PQputCopyData(handle_.get(), piece.data(), static_cast<int>(piece.size())) != 1) {
        break_off(Failure::lost, first_line(PQerrorMessage(handle_.get())));
      }
      flush(until);
    }
    if (PQputCopyEnd(handle_.get(), nullptr) != 1) {
      break_off(Failure::lost, first_line(PQerrorMessage(handle_.get())));
    }
  });
}

void Connection::run_outside_pipeline(
    const std::string& sql, base::Milliseconds patience, std::string_view doing,
    base::FunctionRef<void(std::chrono::steady_clock::time_point)> send_data) {
  finish_pipeline();
  if (PQexitPipelineMode(handle_.get()) != 1 || PQsendQuery(handle_.get(), sql.c_str()) != 1) {
    break_off(Failure::lost, first_line(PQerrorMessage(handle_.get())));
  }
  ++statements_sent_;
  const auto until = clock_.steady_now() + patience;
  std::optional<PostgresError> failure;
  while (const ResultPtr result = take_result(until)) {
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_COPY_IN) send_data(until);
    if (status == PGRES_FATAL_ERROR && !failure) failure = to_error(result.get(), doing);
  }
  if (PQenterPipelineMode(handle_.get()) != 1) broken_ = true;
  if (failure) throw PostgresError(*failure);
}

void Connection::flush(std::chrono::steady_clock::time_point until) {
  for (;;) {
    const int unsent = PQflush(handle_.get());
    if (unsent == 0) return;
    if (unsent < 0) break_off(Failure::lost, first_line(PQerrorMessage(handle_.get())));
    wait_for_socket(until, true);
    // The server may have something to say, for example that it stops.
    if (PQconsumeInput(handle_.get()) != 1) {
      break_off(Failure::lost, first_line(PQerrorMessage(handle_.get())));
    }
  }
}

bool Connection::is_alive() {
  if (broken_) return false;
  pollfd socket{.fd = PQsocket(handle_.get()), .events = POLLRDHUP, .revents = 0};
  return poll(&socket, 1, 0) == 0;
}

bool Connection::is_local() const {
  const std::string_view host = PQhost(handle_.get());
  return host.starts_with('/') || host.starts_with('@') || host == "localhost" || host == "::1" ||
         host.starts_with("127.");
}

void Connection::send(const Statement& statement, const Parameters& parameters) {
  if (std::exchange(begin_is_owed_, false)) {
    is_open_ = true;
    // A pooler takes the session away when a transaction is over, also when the next one is on its way
    // already.
    if (session_is_shared_) take_answers();
    if (frame_ == Frame::write) {
      send_now(kBeginSerializable, Parameters());
    } else if (session_is_shared_) {
      send_now(kBeginSnapshot, Parameters());
    }
    if (session_is_shared_ && statement_timeout_.count() > 0) {
      send_now(kLimitTransaction, Parameters(std::to_string(statement_timeout_.count())));
    }
  }
  send_now(statement, parameters);
}

void Connection::send_now(const Statement& statement, const Parameters& parameters) {
  PGconn* const handle = handle_.get();
  if (broken_) throw PostgresError(Failure::lost, {}, statement.sql(), "the connection is broken");
  ++statements_sent_;
  bool sent = true;
  if (!prepares_) {
    sent = PQsendQueryParams(handle, statement.sql(), parameters.count(), parameters.types(),
                             parameters.values(), parameters.lengths(), parameters.formats(), 1) == 1;
  } else {
    if (prepared_.insert(&statement).second) {
      sent = PQsendPrepare(handle, statement.name(), statement.sql(), parameters.count(),
                           parameters.types()) == 1;
      expected_.push_back({Expected::Kind::prepared, &statement, false});
    }
    sent = sent && PQsendQueryPrepared(handle, statement.name(), parameters.count(), parameters.values(),
                                       parameters.lengths(), parameters.formats(), 1) == 1;
  }
  expected_.push_back({Expected::Kind::rows, &statement, false});
  if (!sent) break_off(Failure::lost, first_line(PQerrorMessage(handle)));
}

void Connection::synchronise() {
  if (PQpipelineSync(handle_.get()) != 1) break_off(Failure::lost, first_line(PQerrorMessage(handle_.get())));
  expected_.push_back({Expected::Kind::synchronised, nullptr, false});
}

Rows Connection::wait_for_rows() {
  if (session_is_shared_) {
    synchronise();
  } else if (PQsendFlushRequest(handle_.get()) != 1) {
    break_off(Failure::lost, first_line(PQerrorMessage(handle_.get())));
  }
  Rows rows(take_answers());
  has_answered_ = true;
  return rows;
}

ResultPtr Connection::take_answers() {
  const auto until = deadline();
  ResultPtr last;
  while (!expected_.empty()) {
    const Expected awaited = expected_.front();
    ResultPtr result = take_result(until);
    expected_.pop_front();
    if (result == nullptr) break_off(Failure::lost, "an answer is missing");
    const ExecStatusType status = PQresultStatus(result.get());
    if (awaited.kind == Expected::Kind::synchronised) {
      if (status != PGRES_PIPELINE_SYNC) fail(result.get(), awaited.statement);
      continue;
    }
    if (take_result(until) != nullptr) break_off(Failure::lost, "an answer has two parts");
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
      if (awaited.kind == Expected::Kind::prepared) prepared_.erase(awaited.statement);
      if (!awaited.nobody_cares || PQstatus(handle_.get()) != CONNECTION_OK) {
        fail(result.get(), awaited.statement);
      }
    }
    if (awaited.kind == Expected::Kind::rows) last = std::move(result);
  }
  return last;
}

ResultPtr Connection::take_result(std::chrono::steady_clock::time_point until) {
  PGconn* const handle = handle_.get();
  for (;;) {
    const int unsent = PQflush(handle);
    if (unsent < 0) break_off(Failure::lost, first_line(PQerrorMessage(handle)));
    if (PQisBusy(handle) == 0) return ResultPtr(PQgetResult(handle));
    wait_for_socket(until, unsent > 0);
    // When this fails, the next result says why.
    if (PQconsumeInput(handle) != 1 && PQisBusy(handle) != 0) {
      break_off(Failure::lost, first_line(PQerrorMessage(handle)));
    }
  }
}

void Connection::wait_for_socket(std::chrono::steady_clock::time_point until, bool to_send) {
  const auto left = std::chrono::ceil<base::Milliseconds>(until - clock_.steady_now()).count();
  if (left > 0) {
    pollfd socket{.fd = PQsocket(handle_.get()),
                  .events = static_cast<short>(to_send ? POLLIN | POLLOUT : POLLIN),
                  .revents = 0};
    const int ready = poll(&socket, 1, static_cast<int>(std::min<std::int64_t>(left, 86'400'000)));
    if (ready > 0 || (ready < 0 && errno == EINTR)) return;
  }
  break_off(Failure::unavailable, "no answer in time");
}

std::chrono::steady_clock::time_point Connection::deadline() const {
  constexpr base::Milliseconds kUnlimited{3'600'000};
  return clock_.steady_now() + (statement_timeout_.count() > 0 ? statement_timeout_ : kUnlimited) + kPatience;
}

void Connection::skip_to_end_of_pipeline() {
  const bool ends = std::ranges::any_of(
      expected_, [](const Expected& awaited) { return awaited.kind == Expected::Kind::synchronised; });
  if (!ends) synchronise();
  const auto until = deadline();
  for (; !expected_.empty(); expected_.pop_front()) {
    const Expected& awaited = expected_.front();
    const ResultPtr result = take_result(until);
    if (PQstatus(handle_.get()) != CONNECTION_OK)
      break_off(Failure::lost, first_line(PQerrorMessage(handle_.get())));
    if (awaited.kind == Expected::Kind::synchronised) continue;
    if (awaited.kind == Expected::Kind::prepared && PQresultStatus(result.get()) != PGRES_COMMAND_OK) {
      prepared_.erase(awaited.statement);
    }
    if (result != nullptr) take_result(until);  // the end of this statement's results
  }
}

void Connection::forget_pending() {
  for (Expected& awaited : expected_) awaited.nobody_cares = true;
  // What is not on its way by now would wait for the next use of the connection.
  if (PQflush(handle_.get()) != 0) broken_ = true;
}

PostgresError Connection::to_error(const PGresult* result, std::string_view doing) {
  const char* const sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  // The detail and the context may quote values of rows.
  const char* const primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  const std::string message = first_line(primary != nullptr ? primary : PQresultErrorMessage(result));
  const bool is_gone = PQstatus(handle_.get()) != CONNECTION_OK;
  Failure failure = classify(sqlstate == nullptr ? std::string_view() : sqlstate);
  if (is_gone) failure = Failure::lost;
  if (failure == Failure::lost || failure == Failure::stale_statement) broken_ = true;
  return PostgresError(failure, sqlstate == nullptr ? std::string_view() : sqlstate, doing, message);
}

void Connection::fail(const PGresult* result, const Statement* statement) {
  const PostgresError error = to_error(result, statement == nullptr ? "a pipeline" : statement->sql());
  if (!broken_) skip_to_end_of_pipeline();
  throw PostgresError(error);
}

void Connection::break_off(Failure failure, std::string_view why) {
  broken_ = true;
  throw PostgresError(failure, {}, "talking to the server", why);
}

}  // namespace latchkey::storage::postgres

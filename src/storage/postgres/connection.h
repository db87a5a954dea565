// libpq's connection with an owner, deadlines and exceptions: statements go out in pipelines, results come
// back as rows with types.
//
//                 begin_read / begin_write           first statement             end_read / commit /
//                 roll_back
//   idle ────────────────────────────────► begun ─────────────────► open ──────────────────────────────► idle
//    any failure of the connection, or an answer that does not come in time ──► broken (for good)
#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "base/clock.h"
#include "base/function_ref.h"
#include "base/uuid.h"
#include "storage/postgres/address.h"
#include "storage/postgres/postgres_error.h"
#include "storage/postgres/statement.h"

namespace latchkey::storage::postgres {

// How a connection behaves.
struct ConnectionOptions {
  Address address;
  base::Milliseconds connect_timeout;    // for one host; libpq rounds up to seconds and takes at least two
  base::Milliseconds statement_timeout;  // the server ends what takes longer; zero: never
  bool use_prepared_statements;          // false: parsed and planned anew each time
  bool explains_failure = false;         // asks a second time for the SQLSTATE of a refused connection
};

struct ResultDeleter {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, ResultDeleter>;

// What a statement returned. Reads columns from left to right, one call each.
class Rows {
 public:
  explicit Rows(ResultPtr result) : result_(std::move(result)), count_(PQntuples(result_.get())) {}

  // To the next row; false when there is none.
  bool step() {
    column_ = 0;
    return ++row_ < count_;
  }
  // Rows that an INSERT, UPDATE or DELETE changed.
  std::uint64_t changed() const;

  std::int64_t integer();
  template <class T>
  T unsigned_integer() {
    return static_cast<T>(integer());
  }
  bool flag() { return integer() != 0; }
  base::Timestamp time() { return base::from_unix_ms(integer()); }
  std::optional<base::Timestamp> optional_time() {
    return next_is_null() ? std::nullopt : std::optional(time());
  }
  std::optional<std::int64_t> optional_integer() {
    return next_is_null() ? std::nullopt : std::optional(integer());
  }
  std::string text() { return std::string(view()); }
  std::optional<std::string> optional_text() { return next_is_null() ? std::nullopt : std::optional(text()); }
  // Valid as long as the rows.
  std::string_view view();
  std::optional<std::string_view> optional_view() {
    return next_is_null() ? std::nullopt : std::optional(view());
  }
  template <class IdType>
  IdType id() {
    return IdType(uuid());
  }
  template <class IdType>
  std::optional<IdType> optional_id() {
    return next_is_null() ? std::nullopt : std::optional(id<IdType>());
  }

 private:
  // Skips the column when it is NULL.
  bool next_is_null();
  base::Uuid uuid();

  ResultPtr result_;
  int count_;
  int row_ = -1;
  int column_ = 0;
};

// One connection. Used by one thread at a time. Throws PostgresError; when is_broken() is true afterwards,
// the connection is of no more use. Nothing here waits longer than the statement timeout and kPatience.
class Connection {
 public:
  // Connects. `clock` must outlive the connection.
  Connection(const ConnectionOptions& options, const base::Clock& clock);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() = default;

  // A transaction of reads on one snapshot, or of writes that are serializable. Sends nothing yet.
  void begin_read();
  void begin_write();
  // Ends a transaction of reads; does not wait for the answer.
  void end_read();
  // Sends what is queued and COMMIT together, and waits for all of it. When this throws Failure::lost or
  // unavailable, the transaction may have been committed or not.
  void commit();
  // Ends the transaction without its writes; does not wait for the answer.
  void roll_back() noexcept;

  // Sends the statement with the next one whose rows are wanted, or with COMMIT; its failure shows there.
  template <class... Values>
  void queue(const Statement& statement, const Values&... values) {
    send(statement, Parameters(values...));
  }
  // Waits for the rows.
  template <class... Values>
  Rows run(const Statement& statement, const Values&... values) {
    return run(statement, Parameters(values...));
  }
  Rows run(const Statement& statement, const Parameters& parameters) {
    send(statement, parameters);
    return wait_for_rows();
  }
  // Like run, for a statement that may meet a value that is taken: nothing then, and the transaction goes on.
  template <class... Values>
  std::optional<Rows> run_unless_taken(const Statement& statement, const Values&... values) {
    queue(kSavepoint);
    try {
      Rows rows = run(statement, values...);
      queue(kRelease);
      return rows;
    } catch (const PostgresError& error) {
      if (error.failure() != Failure::taken) throw;
      queue(kRollBackToSavepoint);
      return std::nullopt;
    }
  }
  // Waits for the answers to all that is queued.
  void finish_pipeline();
  // One or more statements without parameters; rows are dropped.
  void run_script(const std::string& sql, base::Milliseconds patience);
  // COPY … FROM STDIN with this data.
  void copy_in(const std::string& sql, std::string_view data, base::Milliseconds patience);

  // True once the connection can no longer be used.
  bool is_broken() const { return broken_; }
  // False when the server has closed the idle connection. Does not wait.
  bool is_alive();
  // Statements that were ever sent. The same number as before: nothing was sent since, by this transaction or
  // another.
  std::uint64_t statements_sent() const { return statements_sent_; }
  // True when a result has been handed out since the transaction began.
  bool has_answered() const { return has_answered_; }
  // A pooler is in between: the server's session is not ours from one transaction to the next. So each
  // transaction says BEGIN and its limits, and every wait is for a synchronisation, which is what poolers
  // count. Otherwise the limits are the session's, and a read is begun by its first statement and ended by a
  // synchronisation.
  bool session_is_shared() const { return session_is_shared_; }
  bool is_encrypted() const { return PQsslInUse(handle_.get()) != 0; }
  // The server is on this machine, so that nobody can listen in between.
  bool is_local() const;
  int server_version() const { return server_version_; }  // 150004: 15.4
  int backend_id() const { return backend_id_; }          // of the server's process, for tests

 private:
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  // An answer that is still to come.
  struct Expected {
    enum class Kind : std::uint8_t { rows, prepared, synchronised } kind;
    const Statement* statement;  // nullptr with synchronised
    bool nobody_cares;           // the transaction is over
  };
  enum class Frame : std::uint8_t { read, write };

  static const Statement kSavepoint, kRelease, kRollBackToSavepoint;

  void learn_about_session();
  void begin(Frame frame);
  void send(const Statement& statement, const Parameters& parameters);
  void send_now(const Statement& statement, const Parameters& parameters);
  void synchronise();
  // `send_data` is called, with the time until which it may take, when the server wants data.
  void run_outside_pipeline(const std::string& sql, base::Milliseconds patience, std::string_view doing,
                            base::FunctionRef<void(std::chrono::steady_clock::time_point)> send_data);
  // Sends what libpq has not sent yet.
  void flush(std::chrono::steady_clock::time_point until);
  Rows wait_for_rows();
  // Waits for all that is expected, and returns the last rows.
  ResultPtr take_answers();
  // The next result, or nothing where the results of a statement end.
  ResultPtr take_result(std::chrono::steady_clock::time_point until);
  void wait_for_socket(std::chrono::steady_clock::time_point until, bool to_send);
  std::chrono::steady_clock::time_point deadline() const;
  // Skips the answers of what failed, so that the connection can be used again.
  void skip_to_end_of_pipeline();
  void forget_pending();
  PostgresError to_error(const PGresult* result, std::string_view doing);
  [[noreturn]] void fail(const PGresult* result, const Statement* statement);
  [[noreturn]] void break_off(Failure failure, std::string_view why);

  const base::Clock& clock_;
  base::Milliseconds statement_timeout_;
  std::unique_ptr<PGconn, Finish> handle_;
  std::deque<Expected> expected_;
  std::unordered_set<const Statement*> prepared_;
  Frame frame_ = Frame::read;
  bool begin_is_owed_ = false;
  bool is_open_ = false;  // a statement of the transaction was sent
  bool has_answered_ = false;
  bool broken_ = false;
  bool prepares_;
  bool session_is_shared_ = true;
  std::uint64_t statements_sent_ = 0;
  int server_version_ = 0;
  int backend_id_ = 0;
};

// How much longer than the server's own limit an answer is waited for.
inline constexpr base::Milliseconds kPatience{1000};

}  // namespace latchkey::storage::postgres

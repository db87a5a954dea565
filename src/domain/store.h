// What the domain needs of a database. Implemented by storage/sqlite and, later, storage/postgres; both pass
// the same suite, storage/contract.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/function_ref.h"
#include "base/infra_error.h"
#include "base/result.h"
#include "domain/event.h"
#include "domain/identifier.h"
#include "domain/ids.h"
#include "domain/key_ring.h"
#include "domain/session.h"
#include "domain/user.h"

namespace latchkey::domain {

// Where a listing goes on: the last id of the page before. Ids sort by creation.
template <class IdType>
struct Page {
  std::optional<IdType> after;
  std::uint32_t limit = 50;  // 1 to 1,000
};

// Accounts. Every find_ by identifier is one probe of a unique index.
class UserRepository {
 public:
  virtual ~UserRepository() = default;
  virtual std::optional<User> find(UserId id) const = 0;
  virtual std::optional<User> find(const Identifier& identifier) const = 0;
  virtual std::vector<User> list(const Page<UserId>& page) const = 0;  // oldest first
  virtual std::uint64_t count() const = 0;

  // Fails with user_already_exists when email, user name or phone is taken; nothing is written then.
  virtual base::Result<void> insert(const User& user) = 0;
  // Replaces all but id and created_at. Fails like insert; with not_found when the id is gone.
  virtual base::Result<void> update(const User& user) = 0;
  virtual void set_last_sign_in(UserId id, base::Timestamp at) = 0;
  // With password and sessions; events stay. False when there was none.
  virtual bool erase(UserId id) = 0;
};

// Passwords. What these return is confidential.
class PasswordRepository {
 public:
  virtual ~PasswordRepository() = default;
  virtual std::optional<PasswordCredential> find_confidential(UserId id) const = 0;
  // Inserts or replaces.
  virtual void put(const PasswordCredential& credential) = 0;
  // Replaces the hash only if the stored one is still `expected`; false otherwise. For re-hashing at login,
  // which must never undo a change of password that happened meanwhile.
  virtual bool replace_if(const PasswordCredential& credential, std::string_view expected_hash) = 0;
};

// A session and the person it belongs to.
struct SessionWithUser {
  Session session;
  User user;
};

// Sessions: one row each.
class SessionRepository {
 public:
  virtual ~SessionRepository() = default;
  virtual std::optional<Session> find(SessionId id) const = 0;
  virtual std::optional<SessionWithUser> find_with_user(SessionId id) const = 0;
  // The same for a write transaction that decides by what it finds: nobody else changes the session's row
  // until that transaction ends.
  virtual std::optional<SessionWithUser> lock_with_user(SessionId id) = 0;
  // Alive ones of one person, newest first.
  virtual std::vector<Session> list_alive(UserId user_id, base::Timestamp now) const = 0;
  virtual std::uint64_t count_alive(base::Timestamp now) const = 0;

  virtual void insert(const Session& session) = 0;
  // One conditional update: only if the counter is still `expected_counter` and the session has not ended.
  // False when somebody else was faster. Sets successor_seen to false.
  virtual bool rotate(SessionId id, std::uint32_t expected_counter, const SessionRotation& rotation) = 0;
  // Notes that a token of the pair with this counter came back. Nothing happens when the counter has moved
  // on.
  virtual void mark_successor_seen(SessionId id, std::uint32_t counter) = 0;
  // False when it had ended already or is unknown.
  virtual bool end(SessionId id, SessionEnd by, base::Timestamp now) = 0;
  // All that are alive of one person but `except`; how many.
  virtual std::uint64_t end_all(UserId user_id, std::optional<SessionId> except, SessionEnd by,
                                base::Timestamp now) = 0;
  // Deletes at most `limit` rows that ended or expired before `before`; how many.
  virtual std::uint64_t purge(base::Timestamp before, std::uint32_t limit) = 0;
};

// The keys of this environment, sealed.
class KeyRepository {
 public:
  virtual ~KeyRepository() = default;
  virtual std::vector<StoredKey> list() const = 0;  // by creation
  virtual void put(const StoredKey& key) = 0;       // inserts or replaces
  virtual void erase(std::string_view kid) = 0;
};

// What happened. Append only, but for retention.
class EventRepository {
 public:
  virtual ~EventRepository() = default;
  virtual void append(const Event& event) = 0;
  // Newest first; of one person if given.
  virtual std::vector<Event> list(std::optional<UserId> user_id, const Page<EventId>& page) const = 0;
  virtual std::uint64_t purge(base::Timestamp before, std::uint32_t limit) = 0;
};

// An account, and its password if it has one.
struct UserWithPassword {
  User user;
  std::optional<PasswordCredential> credential;
};

// One transaction. Through a const Tx only reading compiles; reads see one snapshot.
class Tx {
 public:
  virtual ~Tx() = default;
  virtual UserRepository& users() = 0;
  virtual PasswordRepository& passwords() = 0;
  virtual SessionRepository& sessions() = 0;
  virtual KeyRepository& keys() = 0;
  virtual EventRepository& events() = 0;
  const UserRepository& users() const { return const_cast<Tx*>(this)->users(); }
  const PasswordRepository& passwords() const { return const_cast<Tx*>(this)->passwords(); }
  const SessionRepository& sessions() const { return const_cast<Tx*>(this)->sessions(); }
  const KeyRepository& keys() const { return const_cast<Tx*>(this)->keys(); }
  const EventRepository& events() const { return const_cast<Tx*>(this)->events(); }

  // Both at once, where a statement is a way to another machine. What it returns is confidential.
  virtual std::optional<UserWithPassword> find_account_confidential(const Identifier& identifier) const = 0;
};

// How the store is doing, for metrics and readiness.
struct StoreStats {
  std::uint64_t commits = 0;             // durable commits since start
  std::uint64_t transactions = 0;        // write transactions in them
  std::uint64_t write_queue_length = 0;  // now
};

// When the commit of a write that nobody's thread waits for is made.
enum class CommitTiming : std::uint8_t {
  at_once,  // as soon as the store comes to it
  shared,   // a few milliseconds later if need be, so that more writes share it; with the next at_once at
            // latest
};

// A write transaction that its caller does not wait for. Store::transact_then makes them.
class PendingWrite {
 public:
  virtual ~PendingWrite() = default;
  // Works; says whether to keep what was written. May be called again when the backend has to retry.
  virtual bool run(Tx& tx) = 0;
  // Called once, after the commit is on disk (null) or nothing was written.
  virtual void finish(std::exception_ptr failure) noexcept = 0;
};

// What a transaction returned, or why it failed; for whoever takes it over from transact_then.
template <class R>
class Settled {
 public:
  explicit Settled(R value) : value_(std::move(value)) {}
  explicit Settled(std::exception_ptr failure) : failure_(std::move(failure)) {}
  // Call it once. Throws what the machinery threw.
  R get() {
    if (failure_) std::rethrow_exception(failure_);
    return std::move(*value_);
  }

 private:
  std::optional<R> value_;
  std::exception_ptr failure_;
};

// A database. Thread-safe. Throws base::InfraError (storage_unavailable; overloaded when the write queue is
// full) when the machinery fails; then nothing of the transaction was written.
class Store {
 public:
  virtual ~Store() = default;

  // Runs `work` on one consistent snapshot and returns what it returns. On the calling thread; does not wait
  // for writers.
  template <class Work>
  auto read(Work&& work) {
    using R = std::invoke_result_t<Work&, const Tx&>;
    std::optional<R> result;
    run_read([&](const Tx& tx) { result.emplace(work(tx)); });
    return std::move(*result);
  }

  // Runs `work` in a write transaction, possibly on another thread and possibly in one durable commit with
  // others', and returns what it returns after that commit is on disk. `work` must return a base::Result: an
  // error rolls its writes back (and is returned), as does an exception (which is thrown here). What must be
  // kept although the caller fails (a failed login's event) is therefore a value. `work` may run more than
  // once when the backend has to retry.
  template <class Work>
  auto transact(Work&& work) {
    using R = std::invoke_result_t<Work&, Tx&>;
    std::optional<R> result;
    run_write([&](Tx& tx) {
      result.emplace(work(tx));
      return result->has_value();
    });
    return std::move(*result);
  }

  // Like transact, without waiting: `done` is called once with the outcome, a Settled of what `work` returns,
  // after the commit is on disk. It is called on a thread of the store's, which must not be held up, or, when
  // the store is not embedded, perhaps on the calling thread before this returns; it must not throw. When
  // this throws (the write queue is full), nothing was queued and `done` is not called. What both have
  // borrowed must live until then; what is queued when the store closes is still done.
  template <class Work, class Done>
  void transact_then(Work work, Done done, CommitTiming timing = CommitTiming::at_once) {
    using R = std::invoke_result_t<Work&, Tx&>;
    class Write final : public PendingWrite {
     public:
      Write(Work work, Done done) : work_(std::move(work)), done_(std::move(done)) {}
      bool run(Tx& tx) override {
        result_.emplace(work_(tx));
        return result_->has_value();
      }
      void finish(std::exception_ptr failure) noexcept override {
        done_(failure ? Settled<R>(std::move(failure)) : Settled<R>(std::move(*result_)));
      }

     private:
      Work work_;
      Done done_;
      std::optional<R> result_;
    };
    queue_write(std::make_unique<Write>(std::move(work), std::move(done)), timing);
  }

  // A write whose outcome nobody waits for; dropped when the queue is full or the database is away. For notes
  // that may be lost. Never blocks. Writes of this store that are asked for later come after it.
  template <class Work>
  void post(Work work) {
    class Note final : public PendingWrite {
     public:
      explicit Note(Work work) : work_(std::move(work)) {}
      bool run(Tx& tx) override {
        work_(tx);
        return true;
      }
      void finish(std::exception_ptr) noexcept override {}

     private:
      Work work_;
    };
    try {
      queue_note(std::make_unique<Note>(std::move(work)));
    } catch (const base::InfraError&) {
      return;  // dropped
    }
  }

  // A session and its person, as SessionRepository::find_with_user finds them in a read of its own, without
  // waiting: for the many requests that need to know nothing else. A store that is not embedded looks several
  // up at once. `done` is called once with the outcome: before this returns, or on a thread of the store's,
  // which must not be held up; it must not throw. When this throws (too many wait), `done` is not called.
  using FoundSession = Settled<std::optional<SessionWithUser>>;
  virtual void find_session_then(SessionId id, std::move_only_function<void(FoundSession)> done) {
    const auto found = [&] {
      try {
        return FoundSession(read([&](const Tx& tx) { return tx.sessions().find_with_user(id); }));
      } catch (...) {
        return FoundSession(std::current_exception());
      }
    };
    done(found());
  }

  // True when the database is part of this process, so that neither a read by a key nor transact_then blocks
  // the calling thread.
  virtual bool is_embedded() const = 0;
  // Throws InfraError when the database cannot be read.
  virtual void check_health() = 0;
  virtual StoreStats stats() const = 0;
  // Waits for queued writes and closes; later calls throw storage_unavailable. Idempotent.
  virtual void close() = 0;

 protected:
  virtual void run_read(base::FunctionRef<void(const Tx&)> work) = 0;
  // `work` says whether to keep its writes.
  virtual void run_write(base::FunctionRef<bool(Tx&)> work) = 0;
  // `timing` is a wish.
  virtual void queue_write(std::unique_ptr<PendingWrite> write, CommitTiming timing) = 0;
  // For post().
  virtual void queue_note(std::unique_ptr<PendingWrite> note) {
    queue_write(std::move(note), CommitTiming::shared);
  }
};

}  // namespace latchkey::domain

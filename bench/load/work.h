// What the connections of a load ask for: one class for each kind of request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "load/reply.h"

namespace latchkey::bench {

// Makes the requests of a group of connections and learns from the answers. A connection has one request at a
// time. Not thread-safe; the driver is one thread.
class Work {
 public:
  virtual ~Work() = default;
  // The bytes of connection `i`'s next request, valid until the next call for it.
  virtual std::string_view next_request(std::size_t i) = 0;
  virtual void take_answer(std::size_t i, const Reply& reply) = 0;
};

// Where the server is and how it is called there.
struct Target {
  std::string host;
  std::uint16_t port = 0;
  std::string base = "/auth/v1";
};

// The sessions that a load uses, one refresh token a line of a file. Every connection owns a share of them
// and takes them in turn, so no two requests use one session at the same time.
class SessionPool {
 public:
  static SessionPool load(const std::filesystem::path& file);
  // Writes the tokens that are current now, so that a later run can go on with them.
  void save(const std::filesystem::path& file) const;

  struct Slot {
    std::string refresh_token;
    std::string access_token;  // empty until the session was refreshed here
  };
  std::vector<Slot> slots;
};

// The same request again and again.
std::unique_ptr<Work> make_get(const Target& target, std::string_view path);
// Refreshes the sessions of the pool, each with the token of its last answer.
std::unique_ptr<Work> make_refresh(const Target& target, SessionPool& pool, std::size_t connections);
// GET /user with the access tokens of the pool, which must be there.
std::unique_ptr<Work> make_user(const Target& target, SessionPool& pool, std::size_t connections);
// Logs seeded accounts in, a different one with every request, scattered over all `accounts`.
std::unique_ptr<Work> make_login(const Target& target, std::uint64_t accounts);
// Signs new accounts up; `prefix` sets their addresses apart from those of other runs.
std::unique_ptr<Work> make_signup(const Target& target, std::string prefix);

}  // namespace latchkey::bench

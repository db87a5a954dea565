#include "load/work.h"

#include <fmt/format.h>

#include <fstream>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "accounts.h"

namespace latchkey::bench {
namespace {

std::string host_header(const Target& target) {
  return fmt::format("Host: {}:{}\r\n", target.host, target.port);
}

std::string make_post(const Target& target, std::string_view path, std::string_view json) {
  return fmt::format("POST {}{} HTTP/1.1\r\n{}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                     target.base, path, host_header(target), json.size(), json);
}

// Which slots of a pool a connection owns: i, i + connections, i + 2 × connections, …
class Turns {
 public:
  Turns(std::size_t slots, std::size_t connections)
      : slots_(slots), connections_(connections), current_(connections) {
    if (slots < connections) {
      throw std::runtime_error(
          fmt::format("{} connections need as many sessions, there are {}", connections, slots));
    }
    std::iota(current_.begin(), current_.end(), std::size_t{0});
  }
  std::size_t current(std::size_t i) const { return current_[i]; }
  void advance(std::size_t i) {
    current_[i] += connections_;
    if (current_[i] >= slots_) current_[i] = i;
  }

 private:
  std::size_t slots_, connections_;
  std::vector<std::size_t> current_;
};

class Get final : public Work {
 public:
  Get(const Target& target, std::string_view path)
      : request_(fmt::format("GET {} HTTP/1.1\r\n{}\r\n", path, host_header(target))) {}
  std::string_view next_request(std::size_t) override { return request_; }
  void take_answer(std::size_t, const Reply&) override {}

 private:
  std::string request_;
};

class Refresh final : public Work {
 public:
  Refresh(const Target& target, SessionPool& pool, std::size_t connections)
      : target_(target), pool_(pool), turns_(pool.slots.size(), connections), requests_(connections) {}

  std::string_view next_request(std::size_t i) override {
    const auto& token = pool_.slots[turns_.current(i)].refresh_token;
    return requests_[i] = make_post(target_, "/refresh", fmt::format(R"({{"refresh_token":"{}"}})", token));
  }
  void take_answer(std::size_t i, const Reply& reply) override {
    if (reply.status == 200) {
      auto& slot = pool_.slots[turns_.current(i)];
      slot.refresh_token = find_text_member(reply.body, "refresh_token");
      slot.access_token = find_text_member(reply.body, "access_token");
    }
    turns_.advance(i);
  }

 private:
  const Target& target_;
  SessionPool& pool_;
  Turns turns_;
  std::vector<std::string> requests_;
};

class GetUser final : public Work {
 public:
  GetUser(const Target& target, SessionPool& pool, std::size_t connections)
      : turns_(pool.slots.size(), connections) {
    for (const auto& slot : pool.slots) {
      requests_.push_back(fmt::format("GET {}/user HTTP/1.1\r\n{}Authorization: Bearer {}\r\n\r\n",
                                      target.base, host_header(target), slot.access_token));
    }
  }
  std::string_view next_request(std::size_t i) override { return requests_[turns_.current(i)]; }
  void take_answer(std::size_t i, const Reply&) override { turns_.advance(i); }

 private:
  Turns turns_;
  std::vector<std::string> requests_;  // one for each slot
};

class Login final : public Work {
 public:
  Login(const Target& target, std::uint64_t accounts) : target_(target), accounts_(accounts) {
    if (accounts == 0) throw std::runtime_error("login needs accounts");
    // A step without a common divisor visits every account once before any comes again.
    step_ = accounts * 382 / 1000 + 1;
    while (std::gcd(step_, accounts) != 1) ++step_;
  }
  std::string_view next_request(std::size_t i) override {
    if (requests_.size() <= i) requests_.resize(i + 1);
    account_ = (account_ + step_) % accounts_;
    return requests_[i] = make_post(target_, "/login",
                                    fmt::format(R"({{"email":"{}","password":"{}"}})",
                                                account_address(kAccountKind, account_), kPassword));
  }
  void take_answer(std::size_t, const Reply&) override {}

 private:
  const Target& target_;
  std::uint64_t accounts_, step_, account_ = 0;
  std::vector<std::string> requests_;
};

class SignUp final : public Work {
 public:
  SignUp(const Target& target, std::string prefix) : target_(target), prefix_(std::move(prefix)) {}
  std::string_view next_request(std::size_t i) override {
    if (requests_.size() <= i) requests_.resize(i + 1);
    return requests_[i] = make_post(target_, "/signup",
                                    fmt::format(R"({{"email":"{}-{}@example.com","password":"{}"}})", prefix_,
                                                ++made_, kPassword));
  }
  void take_answer(std::size_t, const Reply&) override {}

 private:
  const Target& target_;
  std::string prefix_;
  std::uint64_t made_ = 0;
  std::vector<std::string> requests_;
};

}  // namespace

SessionPool SessionPool::load(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error(fmt::format("{} cannot be read", file.string()));
  SessionPool pool;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) pool.slots.push_back({.refresh_token = std::move(line), .access_token = {}});
  }
  return pool;
}

void SessionPool::save(const std::filesystem::path& file) const {
  std::ofstream out(file);
  for (const auto& slot : slots) out << slot.refresh_token << '\n';
  if (!out.flush()) throw std::runtime_error(fmt::format("{} cannot be written", file.string()));
}

std::unique_ptr<Work> make_get(const Target& target, std::string_view path) {
  return std::make_unique<Get>(target, path);
}
std::unique_ptr<Work> make_refresh(const Target& target, SessionPool& pool, std::size_t connections) {
  return std::make_unique<Refresh>(target, pool, connections);
}
std::unique_ptr<Work> make_user(const Target& target, SessionPool& pool, std::size_t connections) {
  return std::make_unique<GetUser>(target, pool, connections);
}
std::unique_ptr<Work> make_login(const Target& target, std::uint64_t accounts) {
  return std::make_unique<Login>(target, accounts);
}
std::unique_ptr<Work> make_signup(const Target& target, std::string prefix) {
  return std::make_unique<SignUp>(target, std::move(prefix));
}

}  // namespace latchkey::bench

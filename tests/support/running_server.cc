#include "support/running_server.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <charconv>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "storage/postgres/testing/postgres_server.h"

namespace latchkey::e2e {
namespace {

using storage::postgres::testing::PostgresServer;

void add_settings(std::vector<std::string>& command, const Settings& settings) {
  for (const std::string& setting : settings) command.insert(command.end(), {"--set", setting});
}

}  // namespace

Settings quick_settings(const Settings& more) {
  Settings settings{"rate_limit.enabled=false", "password.argon2_memory=64KiB",
                    "password.argon2_iterations=1"};
  settings.insert(settings.end(), more.begin(), more.end());
  return settings;
}

Installation::Installation() {
  const char* const backend = std::getenv("LATCHKEY_TEST_BACKEND");
  if (backend == nullptr || std::string_view(backend) == "sqlite") return;
  if (std::string_view(backend) != "postgres")
    throw std::runtime_error("LATCHKEY_TEST_BACKEND: sqlite or postgres");
  postgres_database_ = PostgresServer::shared().take_database();
}

Installation::~Installation() {
  if (!postgres_database_.empty()) PostgresServer::shared().give_back_database(postgres_database_);
}

std::string Installation::stored_bytes() const {
  std::string bytes;
  for (const auto& file : std::filesystem::directory_iterator(data())) {
    if (file.path().filename() == "master.key") continue;
    std::ifstream in(file.path(), std::ios::binary);
    bytes.append(std::istreambuf_iterator<char>(in), {});
  }
  if (postgres_database_.empty()) return bytes;
  for (const char* table : {"users", "passwords", "sessions", "keys", "events"}) {
    bytes += PostgresServer::shared().execute(
        postgres_database_, fmt::format("SELECT coalesce(string_agg(t::text, ' '), '') FROM {} t", table));
  }
  return bytes;
}

std::string Installation::postgres_url() const {
  return postgres_database_.empty() ? std::string() : PostgresServer::shared().url(postgres_database_);
}

void Installation::add_database(std::vector<std::string>& command) const {
  if (!postgres_database_.empty()) command.insert(command.end(), {"--database", postgres_url()});
}

Outcome Installation::run(std::vector<std::string> arguments, std::string_view input,
                          const Settings& settings) const {
  std::vector<std::string> command{LATCHKEY_BINARY};
  command.insert(command.end(), arguments.begin(), arguments.end());
  command.insert(command.end(), {"--data", data().string()});
  add_database(command);
  add_settings(command, settings);
  Process process(command, folder(), input);
  const int status = process.wait();
  return {status, process.out(), process.err()};
}

std::unique_ptr<Process> Installation::start(const Settings& settings, std::string_view listen) const {
  std::vector<std::string> command{LATCHKEY_BINARY,     "serve",  "--listen",
                                   std::string(listen), "--data", data().string()};
  add_database(command);
  add_settings(command, settings);
  return std::make_unique<Process>(command, folder());
}

RunningServer::RunningServer(const Settings& settings)
    : own_(std::make_unique<Installation>()), installation_(own_.get()), process_(own_->start(settings)) {
  wait_for_start();
}

RunningServer::RunningServer(const Installation& installation, const Settings& settings)
    : installation_(&installation), process_(installation.start(settings)) {
  wait_for_start();
}

void RunningServer::wait_for_start() {
  constexpr std::string_view kBefore = "listening on http://127.0.0.1:";
  if (!process_->wait_for_out("\nTry it:")) {
    throw std::runtime_error("the server did not start: " + process_->out() + process_->err());
  }
  const std::string out = process_->out();
  const char* const digits = out.data() + out.find(kBefore) + kBefore.size();
  std::from_chars(digits, out.data() + out.size(), port_);
}

RunningServer::~RunningServer() { EXPECT_EQ(stop(), 0) << log(); }

int RunningServer::stop() {
  process_->signal(SIGTERM);
  return process_->wait();
}

}  // namespace latchkey::e2e

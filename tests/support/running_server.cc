#include "support/running_server.h"

#include <gtest/gtest.h>

#include <charconv>
#include <csignal>
#include <stdexcept>

namespace latchkey::e2e {
namespace {

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

Outcome Installation::run(std::vector<std::string> arguments, std::string_view input,
                          const Settings& settings) const {
  std::vector<std::string> command{LATCHKEY_BINARY};
  command.insert(command.end(), arguments.begin(), arguments.end());
  command.insert(command.end(), {"--data", data().string()});
  add_settings(command, settings);
  Process process(command, folder(), input);
  const int status = process.wait();
  return {status, process.out(), process.err()};
}

std::unique_ptr<Process> Installation::start(const Settings& settings, std::string_view listen) const {
  std::vector<std::string> command{LATCHKEY_BINARY,     "serve",  "--listen",
                                   std::string(listen), "--data", data().string()};
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

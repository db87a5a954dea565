// Builds the parts from the settings: everything but listening. The command line and the server both start
// here.
#pragma once

#include <memory>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/result.h"
#include "config/settings.h"
#include "crypto/password_hash.h"
#include "flows/environment.h"
#include "ratelimit/login_guard.h"

namespace latchkey::app {

// Owns every part that is not about HTTP. Thread-safe where its parts are.
class Application {
 public:
  flows::Environment& live() { return *live_; }
  base::Clock& clock() { return clock_; }
  base::Random& random() { return random_; }
  base::Logger& log() { return log_; }
  crypto::PasswordHasher& hasher() { return hasher_; }
  // Takes what may change while running.
  void reload(const config::Settings& settings);

 private:
  friend base::Result<std::unique_ptr<Application>> open_application(const config::Settings&, base::Logger&);
  friend std::unique_ptr<Application> open_in_memory(const config::Settings&, base::Logger&);
  Application(const config::Settings& settings, base::Logger& log);

  base::SystemClock clock_;
  base::SystemRandom random_;
  base::Logger& log_;
  crypto::PasswordHasher hasher_;
  ratelimit::LoginGuard guard_;
  std::unique_ptr<flows::Environment> live_;
};

// Opens (or makes) the data folder, the master key, the database and the keys. Throws nothing: Error.message
// says what is wrong and what to do.
base::Result<std::unique_ptr<Application>> open_application(const config::Settings& settings,
                                                            base::Logger& log);

// The same on a database in memory with a master key of its own, which leave nothing behind: for documents,
// tests and fuzzing. Throws InfraError.
std::unique_ptr<Application> open_in_memory(const config::Settings& settings, base::Logger& log);

}  // namespace latchkey::app

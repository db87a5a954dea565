#include "app/application.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "app/master_secret.h"
#include "app/open_store.h"
#include "base/infra_error.h"
#include "storage/sqlite/sqlite_store.h"

namespace latchkey::app {
namespace {

namespace fs = std::filesystem;

crypto::SigningAlgorithm signing_algorithm(config::KeyAlgorithm algorithm) {
  switch (algorithm) {
    case config::KeyAlgorithm::es256:
      return crypto::SigningAlgorithm::es256;
    case config::KeyAlgorithm::eddsa:
      return crypto::SigningAlgorithm::eddsa;
    case config::KeyAlgorithm::rs256:
      return crypto::SigningAlgorithm::rs256;
    case config::KeyAlgorithm::hs256:
      return crypto::SigningAlgorithm::hs256;
  }
  return crypto::SigningAlgorithm::es256;
}

flows::EnvironmentSettings live_settings(const config::Settings& settings) {
  flows::EnvironmentSettings result;
  result.scope.issuer = config::live_issuer(settings);
  result.scope.environment = "live";
  result.scope.clock_skew = settings.session.clock_skew;
  result.sessions = {.access_lifetime = settings.session.access_lifetime,
                     .idle_lifetime = settings.session.idle_lifetime,
                     .absolute_lifetime = settings.session.absolute_lifetime,
                     .refresh_grace = settings.session.refresh_grace};
  result.passwords = {.min_length = settings.password.min_length,
                      .max_length = settings.password.max_length,
                      .min_score = settings.password.min_score};
  result.signup_enabled = settings.signup.enabled;
  result.algorithm = signing_algorithm(settings.keys.algorithm);
  result.rotate_keys_after = settings.keys.rotate_after;
  result.keep_events_for = settings.events.retention;
  result.keep_ended_sessions_for = settings.sessions.retention;
  return result;
}

crypto::Argon2Params argon2_params(const config::Settings& settings) {
  return {.memory_kib = static_cast<std::uint32_t>(settings.password.argon2_memory.bytes / 1024),
          .iterations = settings.password.argon2_iterations};
}

ratelimit::LoginGuardSettings guard_settings(const config::Settings& settings) {
  const auto policy = [&](std::uint32_t threshold) {
    return domain::LockoutPolicy{.threshold = threshold,
                                 .first_lock = settings.lockout.first_lock,
                                 .longest_lock = settings.lockout.longest_lock,
                                 .forget_after = settings.lockout.forget_after};
  };
  return {.account = policy(settings.lockout.account_threshold),
          .address = policy(settings.lockout.address_threshold)};
}

// The folder of the data, for its owner only.
base::Result<void> make_data_folder(const fs::path& folder) {
  std::error_code failed;
  if (fs::is_directory(folder, failed)) return {};
  if (folder.has_parent_path()) fs::create_directories(folder.parent_path(), failed);
  if (mkdir(folder.c_str(), S_IRWXU) == 0 || errno == EEXIST) return {};
  const std::string message =
      fmt::format("The data folder {} cannot be made: {}. Choose another with --data, or make it writable.",
                  fs::absolute(folder).lexically_normal().string(), std::strerror(errno));
  return base::fail(
      base::Error{.code = base::ErrorCode::storage_unavailable, .detail = message, .message = message});
}

}  // namespace

Application::Application(const config::Settings& settings, base::Logger& log)
    : log_(log),
      hasher_(argon2_params(settings), {}, config::hash_threads(settings, config::Machine::current()),
              random_),
      guard_(guard_settings(settings), random_) {}

void Application::reload(const config::Settings& settings) {
  live_->change_settings(live_settings(settings));
  guard_.change_settings(guard_settings(settings));
}

base::Result<std::unique_ptr<Application>> open_application(const config::Settings& settings,
                                                            base::Logger& log) {
  try {
    std::unique_ptr<Application> app(new Application(settings, log));
    if (auto made = make_data_folder(settings.data.path); !made) return base::fail(std::move(made.error()));
    auto store = open_store(settings, app->clock_, app->log_);
    if (!store) return base::fail(std::move(store.error()));
    const bool data_is_new = (*store)->read([](const domain::Tx& tx) { return tx.keys().list().empty(); });
    auto box = open_secret_box(settings, data_is_new, app->random_);
    if (!box) return base::fail(std::move(box.error()));
    auto live = flows::Environment::open(live_settings(settings), std::move(*store), std::move(*box),
                                         {app->hasher_, app->guard_, app->clock_, app->random_, app->log_});
    if (!live) return base::fail(std::move(live.error()));
    app->live_ = std::move(*live);
    return app;
  } catch (const std::exception& failure) {
    return base::fail(base::ErrorCode::storage_unavailable, failure.what());
  }
}

std::unique_ptr<Application> open_in_memory(const config::Settings& settings, base::Logger& log) {
  std::unique_ptr<Application> app(new Application(settings, log));
  std::string secret(32, '\0');
  app->random_.fill(std::as_writable_bytes(std::span(secret)));
  auto box = crypto::SecretBox::make({base::Secret(std::move(secret))});
  auto store = storage::sqlite::open_sqlite_store({}, app->clock_, app->log_);
  if (!box || !store) throw base::InfraError(base::ErrorCode::internal_error, "no store in memory");
  auto live = flows::Environment::open(live_settings(settings), std::move(*store), std::move(*box),
                                       {app->hasher_, app->guard_, app->clock_, app->random_, app->log_});
  if (!live) throw base::InfraError(base::ErrorCode::internal_error, live.error().detail);
  app->live_ = std::move(*live);
  return app;
}

}  // namespace latchkey::app

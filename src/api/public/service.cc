// GET /health and /settings.
#include "api/public/handlers.h"
#include "base/version.h"

namespace latchkey::api {

base::Result<HealthAnswer> handle_health(flows::Environment& env) {
  env.store().check_health();
  HealthAnswer answer;
  answer.version = base::version();
  return answer;
}

base::Result<SettingsAnswer> handle_settings(flows::Environment& env) {
  const auto settings = env.settings();
  SettingsAnswer answer;
  answer.disable_signup = !settings->signup_enabled;
  answer.environment = settings->scope.environment;
  answer.issuer = settings->scope.issuer;
  answer.access_lifetime_seconds = settings->sessions.access_lifetime.count();
  answer.session_idle_lifetime_seconds = settings->sessions.idle_lifetime.count();
  answer.session_absolute_lifetime_seconds = settings->sessions.absolute_lifetime.count();
  answer.password_min_length = settings->passwords.min_length;
  answer.password_max_length = settings->passwords.max_length;
  return answer;
}

}  // namespace latchkey::api

// What is served at /app: the files of the app, what it is told about this server, and what browsers are told
// to allow it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "http/file_set.h"

namespace latchkey::web {

// What the app may do in a browser; the only place where that stands. Nothing but what this server sends.
inline constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

// What the app reads from /app/config.json when it starts.
struct AppConfig {
  std::string title;
  std::string entry_page;
  std::string logged_in_page;
  std::string navigation;
  bool persist = true;
  std::string api_base;  // "/auth/v1"
};

// To be mounted at /app.
std::shared_ptr<const http::FileSet> make_app_files(const AppConfig& config);

}  // namespace latchkey::web

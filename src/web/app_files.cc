#include "web/app_files.h"

#include <string_view>
#include <vector>

#include "base/json_text.h"
#include "web/embedded_app.h"

namespace latchkey::web {
namespace {

constexpr std::string_view kForEver = "public, max-age=31536000, immutable";
constexpr std::string_view kAskEachTime = "no-cache";

// Of every file: they cost little, and what a browser can be made to open as a page is not always a page.
std::string security_headers() {
  return std::string("Content-Security-Policy: ")
      .append(kContentSecurityPolicy)
      .append(
          "\r\nReferrer-Policy: no-referrer\r\n"
          "Permissions-Policy: accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), "
          "microphone=(), midi=(), payment=(), usb=()\r\n"
          "Cross-Origin-Opener-Policy: same-origin\r\n");
}

std::string config_json(const AppConfig& config) {
  std::string text;
  base::JsonWriter(text)
      .begin_object()
      .member("title", config.title)
      .member("entry_page", config.entry_page)
      .member("logged_in_page", config.logged_in_page)
      .member("navigation", config.navigation)
      .member("persist", config.persist)
      .member("api_base", config.api_base)
      .end_object();
  return text;
}

}  // namespace

std::shared_ptr<const http::FileSet> make_app_files(const AppConfig& config) {
  static const std::string headers = security_headers();  // the contents of every set point into it
  std::vector<http::File> files;
  for (const EmbeddedFile& file : embedded_app()) {
    files.push_back({.path = file.path,
                     .content_type = file.content_type,
                     .cache_control = file.is_named_by_hash ? kForEver : kAskEachTime,
                     .etag = file.etag,
                     .headers = headers,
                     .identity = file.identity,
                     .gzip = file.gzip,
                     .brotli = file.brotli});
  }
  files.push_back({.path = "/config.json",
                   .content_type = "application/json; charset=utf-8",
                   .cache_control = kAskEachTime,
                   .headers = headers,
                   .text = config_json(config)});
  return std::make_shared<const http::FileSet>(files, "/index.html", "/assets");
}

}  // namespace latchkey::web

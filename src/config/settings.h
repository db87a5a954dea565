// The configuration as plain typed values, one struct a section, and what follows from them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/values.h"

namespace latchkey::config {

// The sections. Members are named and typed as settings.def declares them: `settings.session.idle_lifetime`.
#define LK_SECTION(section, Struct, doc) struct Struct {
#define LK_SETTING(section, key, type, ...) type key{};
#define LK_SECTION_END(section, Struct) \
  }                                     \
  ;
#include "config/settings.def"
#undef LK_SECTION
#undef LK_SETTING
#undef LK_SECTION_END

// A plain value. All zero when made with {}; load() and default_settings() fill it.
struct Settings {
#define LK_SECTION(section, Struct, doc)
#define LK_SETTING(...)
#define LK_SECTION_END(section, Struct) Struct section;
#include "config/settings.def"
#undef LK_SECTION
#undef LK_SETTING
#undef LK_SECTION_END
};

// What the table says when nothing is configured.
Settings default_settings();

// What the machine has, for settings that depend on it. An argument, so that tests can choose.
struct Machine {
  std::uint32_t cores = 1;
  std::uint64_t memory_bytes = 0;
  std::uint64_t max_open_files = 0;  // the limit that this process may raise itself to
  static Machine current();
};

// Threads to start: the setting, or one for each core where it says 0.
std::uint32_t io_threads(const Settings& settings, const Machine& machine);
std::uint32_t hash_threads(const Settings& settings, const Machine& machine);

// The issuer of the live environment. It does not depend on the listen address, so that tokens stay valid
// when the port changes: see server.public_url.
std::string live_issuer(const Settings& settings);

// The file of the SQLite database; nothing when it is PostgreSQL.
std::optional<std::filesystem::path> database_file(const Settings& settings);
std::filesystem::path master_secret_file(const Settings& settings);

}  // namespace latchkey::config

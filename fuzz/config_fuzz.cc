// Fuzzes the reading of a configuration: a TOML file, then "section.key=value" texts, each set apart by a
// NUL. What was accepted must mean the same when it is printed and read again.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "config/loader.h"
#include "config/render.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace config = latchkey::config;
  constexpr config::Machine kMachine{.cores = 2, .memory_bytes = 1ULL << 32, .max_open_files = 1 << 16};
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const auto next = [&] {
    const std::string_view piece = rest.substr(0, rest.find('\0'));
    rest.remove_prefix(std::min(rest.size(), piece.size() + 1));
    return std::string(piece);
  };
  config::Inputs inputs{.file = config::FileText{"fuzz.toml", next()}, .environment = {}, .flags = {}};
  while (!rest.empty()) {
    const std::string piece = next();
    const std::size_t equals = piece.find('=');
    if (equals == std::string::npos) continue;
    inputs.flags.push_back({"--set", piece.substr(0, equals), piece.substr(equals + 1)});
  }

  const auto loaded = config::load(inputs, kMachine);
  if (!loaded) {
    if (loaded.error().empty() || config::render_problems(loaded.error()).empty()) std::abort();
    return 0;
  }
  config::Settings expected = loaded->settings;
  expected.keys.master_secret.clear();  // never printed
  const std::string printed = config::render_toml(*loaded);
  if (printed.contains("\xEF\xBF\xBD")) return 0;  // a path that is not UTF-8 cannot be printed whole
  const auto again = config::load(
      {.file = config::FileText{"printed.toml", printed}, .environment = {}, .flags = {}}, kMachine);
  if (!again || !config::plan_reload(expected, again->settings).changed.empty() ||
      !config::plan_reload(expected, again->settings).needs_restart.empty())
    std::abort();
  return 0;
}

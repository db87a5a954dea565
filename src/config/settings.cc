#include "config/settings.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <thread>

namespace latchkey::config {

Machine Machine::current() {
  Machine machine;
  machine.cores = std::max(1U, std::thread::hardware_concurrency());
  const auto pages = sysconf(_SC_PHYS_PAGES);
  const auto page_size = sysconf(_SC_PAGESIZE);
  if (pages > 0 && page_size > 0)
    machine.memory_bytes = static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page_size);
  rlimit files{};
  const bool is_known = getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_max != RLIM_INFINITY;
  machine.max_open_files = is_known ? files.rlim_max : std::numeric_limits<std::uint64_t>::max();
  return machine;
}

std::uint32_t io_threads(const Settings& settings, const Machine& machine) {
  return settings.server.io_threads != 0 ? settings.server.io_threads : machine.cores;
}

std::uint32_t hash_threads(const Settings& settings, const Machine& machine) {
  return settings.lanes.hash_threads != 0 ? settings.lanes.hash_threads : machine.cores;
}

std::string live_issuer(const Settings& settings) {
  const std::string& url = settings.server.public_url.text;
  return (url.empty() ? "http://127.0.0.1:8484" : url) + "/auth/v1";
}

std::optional<std::filesystem::path> database_file(const Settings& settings) {
  const std::string& url = settings.database.url.text;
  if (settings.database.url.is_postgres()) return std::nullopt;
  if (url.empty()) return settings.data.path / "latchkey.db";
  return url.substr(url.find(':') + 1);
}

std::filesystem::path master_secret_file(const Settings& settings) {
  const std::filesystem::path& file = settings.keys.master_secret_file;
  return file.empty() ? settings.data.path / "master.key" : file;
}

}  // namespace latchkey::config

#include "load/process_meter.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>

namespace latchkey::bench {

namespace {

struct TaskUsage {
  std::string name;
  double user_seconds = 0;
  double system_seconds = 0;
};

// A stat file of proc(5): the name stands in brackets and may hold blanks; utime and stime are fields 14
// and 15.
std::optional<TaskUsage> read_stat(const std::string& file) {
  std::ifstream stat(file);
  std::string line;
  if (!std::getline(stat, line)) return std::nullopt;
  const auto open = line.find('('), close = line.rfind(')');
  TaskUsage usage{.name = line.substr(open + 1, close - open - 1)};
  std::istringstream fields(line.substr(close + 2));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  fields >> usage.user_seconds >> usage.system_seconds;
  const auto ticks_per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
  usage.user_seconds /= ticks_per_second;
  usage.system_seconds /= ticks_per_second;
  return usage;
}

// "hash-3" → "hash"
std::string without_number(std::string name) {
  name.erase(name.find_last_not_of("0123456789") + 1);
  name.erase(name.find_last_not_of("-_ #") + 1);
  return name;
}

}  // namespace

ProcessUsage read_usage(pid_t pid) {
  const auto folder = fmt::format("/proc/{}/", pid);
  const auto whole = read_stat(folder + "stat");
  if (!whole) throw std::runtime_error(fmt::format("there is no process {}", pid));
  ProcessUsage usage{.user_seconds = whole->user_seconds, .system_seconds = whole->system_seconds};
  for (const auto& task : std::filesystem::directory_iterator(folder + "task")) {
    if (const auto thread = read_stat(task.path() / "stat")) {
      usage.thread_seconds[without_number(thread->name)] += thread->user_seconds + thread->system_seconds;
    }
  }

  std::string line;
  std::ifstream status(folder + "status");
  while (std::getline(status, line)) {
    if (line.starts_with("VmRSS:")) usage.rss_kib = std::stoull(line.substr(6));
    if (line.starts_with("VmHWM:")) usage.peak_rss_kib = std::stoull(line.substr(6));
  }
  return usage;
}

void reset_peak_rss(pid_t pid) { std::ofstream(fmt::format("/proc/{}/clear_refs", pid)) << "5"; }

}  // namespace latchkey::bench

// What a process has used so far, read from /proc.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>

namespace latchkey::bench {

struct ProcessUsage {
  double user_seconds = 0;    // of all threads
  double system_seconds = 0;  // of all threads
  // By the threads' names without a number at the end; threads that have ended are missing.
  std::map<std::string, double> thread_seconds = {};
  std::uint64_t rss_kib = 0;
  std::uint64_t peak_rss_kib = 0;  // since the process began or reset_peak_rss()

  double cpu_seconds() const { return user_seconds + system_seconds; }
};

// Throws std::runtime_error when there is no such process.
ProcessUsage read_usage(pid_t pid);
// Makes peak_rss_kib count from now on. Without effect where the kernel does not allow it.
void reset_peak_rss(pid_t pid);

}  // namespace latchkey::bench

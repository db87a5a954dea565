// Keeps many keep-alive connections busy from one thread and measures the answers.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "load/histogram.h"
#include "load/work.h"

namespace latchkey::bench {

// Connections that do the same work, and what came of it within the measured time.
struct Group {
  std::string name;
  std::size_t connections = 0;
  Work* work = nullptr;  // outlives the run
  // Between an answer and the next request of the connection. Without one, a few connections already ask for
  // all that the machine can do, and their latency tells of nothing but that.
  std::chrono::milliseconds pause{0};

  Histogram latency{};                                 // of the answers with a status 2xx
  std::map<std::string, std::uint64_t> failures = {};  // the others: "503 overloaded", "closed" → how many
};

struct Schedule {
  std::chrono::duration<double> warm_up{1};
  std::chrono::duration<double> measured{5};
  // If not 0: every connection sends this many requests, all at once from the start, and nothing else ends
  // the run; the times above do not count then.
  std::uint64_t requests_each = 0;
  std::function<void()> on_measured_begin = {};  // called between requests
  std::function<void()> on_measured_end = {};
};

// Runs the groups side by side until the schedule is over and no request is under way. Returns the measured
// seconds. Throws std::runtime_error when the server cannot be reached, or stops answering for 30 seconds.
double run_load(const Target& target, std::vector<Group>& groups, const Schedule& schedule);

}  // namespace latchkey::bench

// A test's way to have the doctor probe a small server.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "doctor/probe/probe.h"
#include "support/faulty_server.h"

namespace latchkey::e2e {

using Verdicts = std::map<std::string, doctor::Verdict>;

struct Probed {
  doctor::ProbeResult result;
  unsigned requests = 0;

  Verdicts verdicts() const;
  const doctor::Finding& finding(std::string_view id) const;  // throws when there is none
};

// Without the pauses between requests.
Probed probe(const doctor::ProbeOptions& options);

// With the server's account, new ones allowed, and one origin.
doctor::ProbeOptions options_for(const FaultyServer& server);

}  // namespace latchkey::e2e

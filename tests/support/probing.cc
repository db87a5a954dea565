#include "support/probing.h"

#include <chrono>
#include <stdexcept>
#include <vector>

#include "base/clock.h"
#include "base/random.h"

namespace latchkey::e2e {
namespace {

class NoProgress final : public doctor::Progress {
 public:
  void on_plan(const std::vector<std::string>&) override {}
  void on_request(std::string_view, unsigned sent, unsigned) override { requests = sent; }
  void on_finding(const doctor::Finding&) override {}

  unsigned requests = 0;
};

}  // namespace

Verdicts Probed::verdicts() const {
  Verdicts out;
  for (const doctor::Finding& finding : result.report.findings) out[finding.id] = finding.verdict;
  return out;
}

const doctor::Finding& Probed::finding(std::string_view id) const {
  for (const doctor::Finding& finding : result.report.findings) {
    if (finding.id == id) return finding;
  }
  throw std::runtime_error("no finding " + std::string(id));
}

Probed probe(const doctor::ProbeOptions& options) {
  const base::SystemClock clock;
  base::SystemRandom random;
  const auto pause = [](std::chrono::milliseconds) {};
  const doctor::ProbeWorld world{.clock = clock, .random = random, .pause = pause};
  NoProgress progress;
  auto result = probe_server(options, world, progress);
  if (!result) throw std::runtime_error(result.error().detail);
  return {.result = *std::move(result), .requests = progress.requests};
}

doctor::ProbeOptions options_for(const FaultyServer& server) {
  doctor::ProbeOptions options;
  options.url = server.url();
  options.email = FaultyServer::kEmail;
  options.password = base::Secret(FaultyServer::kPassword);
  options.create_account = true;
  options.origins = {"https://app.example.com"};
  options.slow_after = std::chrono::minutes(1);  // a busy machine is no slow server
  return options;
}

}  // namespace latchkey::e2e

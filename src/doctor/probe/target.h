// Where the probe goes, read from what the person gave.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "doctor/probe/probe.h"

namespace latchkey::doctor {

struct Target {
  bool is_tls = false;
  std::string host = {};  // an IPv6 address without brackets
  std::uint16_t port = 0;
  std::string base = {};    // `/api`, without the slash at the end; empty for the root
  std::string origin = {};  // `https://api.example.com:8443`
};

struct Endpoint {
  std::string method = {};
  std::string target = {};  // path and query
  std::string body = {};    // template, see StepOption; empty when none was told

  explicit operator bool() const { return !target.empty(); }
  std::string name() const;  // "POST /auth/login"
};

// What the options or an OpenAPI document say; without a target where they say nothing.
struct Endpoints {
  Endpoint login, signup, refresh, me, logout;
};

// `https://api.example.com:8443` of a URL; empty without `://`.
std::string origin_of(std::string_view url);

// Fails with validation_failed and a message for the person.
base::Result<Target> read_target(std::string_view text);
base::Result<Endpoints> read_endpoints(const ProbeOptions& options, const Target& target);

}  // namespace latchkey::doctor

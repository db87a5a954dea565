// The table of all endpoints. table.cc reads as the security policy: who may call what, what it costs, what
// limits it.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "flows/environment.h"
#include "http/router.h"

namespace latchkey::api {

// Adds the API of one environment under `base` ("/auth/v1"). Keeps a reference to the environment.
void add_environment(http::Router& router, std::string_view base, flows::Environment& env);

// Bytes that the root serves and somebody else makes, anew for each call if need be. Empty: not served.
using Document = std::function<std::shared_ptr<const http::RawContent>()>;
struct RootDocuments {
  Document openapi;
  Document metrics;  // answered to loopback clients that no proxy stands in front of
};

// Adds what stands at the root: /healthz, /readyz, the documents, and the keys of `live` for libraries that
// look for them there. Keeps a reference to the environment.
void add_root(http::Router& router, flows::Environment& live, const RootDocuments& documents);
// Adds /metrics for everybody who reaches the listener: for one of its own.
void add_metrics(http::Router& router, const Document& metrics);

}  // namespace latchkey::api

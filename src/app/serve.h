// Runs the server until it is told to stop.
#pragma once

#include <string>

#include "base/log.h"
#include "config/loader.h"
#include "config/settings.h"

namespace latchkey::app {

// Serves until SIGTERM or SIGINT, then finishes the requests in work. SIGHUP reads the configuration again
// from `loader` and takes up what may change. Returns the exit code: 0 after a stop that was asked for, 1
// when the server could not start (why stands in the log and on standard error). Blocks those signals in the
// calling thread, so call it before any other thread is there.
int serve(const config::Settings& settings, const config::Loader& loader, base::Logger& log);

// The OpenAPI 3.1 document of a server with these settings, without opening a database.
std::string openapi_document(const config::Settings& settings);

}  // namespace latchkey::app

// The OpenAPI 3.1 document of a router: made from the same table that answers the requests.
#pragma once

#include <span>
#include <string>

#include "http/router.h"

namespace latchkey::http {

struct OpenApiInfo {
  std::string title;
  std::string version;
  std::string description = {};
  std::string server_url = "/";
};

// One JSON document. Endpoints that share method and path become one operation: their bodies and answers
// under `anyOf`, their operation ids joined by "_or_". Schemas stand where they are used, only the error
// body is shared.
std::string openapi_document(std::span<const RouteInfo* const> routes, const OpenApiInfo& info);

}  // namespace latchkey::http

// YAML as a JSON value: documents that people hand in (OpenAPI, FlutterFlow's Project API), read within
// limits.
#pragma once

#include <boost/json/value.hpp>
#include <cstddef>
#include <string_view>

#include "base/result.h"

namespace latchkey::flutterflow {

struct YamlLimits {
  std::size_t depth = 64;
  std::size_t nodes = 500'000;  // each use of an alias counts all that it stands for
  std::size_t bytes = 16U << 20U;
};

// The first document. Plain scalars become null, booleans and numbers as YAML's core schema says, everything
// else text; keys become texts; of a key that stands twice the last counts. Fails with validation_failed and
// the line.
base::Result<boost::json::value> read_yaml(std::string_view text, const YamlLimits& limits = {});

}  // namespace latchkey::flutterflow

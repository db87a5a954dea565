// Any bytes as YAML, within small limits.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "flutterflow/yaml.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(latchkey::flutterflow::read_yaml(text, {.depth = 16, .nodes = 5000, .bytes = 1U << 20U}));
  return 0;
}

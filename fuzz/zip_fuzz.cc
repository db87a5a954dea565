// Any bytes as a zip, read within small limits; and as a name of an entry. What is kept has a path inside of
// the project.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "flutterflow/source_tree.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace latchkey::flutterflow;
  const SourceLimits limits{.file_bytes = 1U << 20U,
                            .total_bytes = 4U << 20U,
                            .archive_bytes = 1U << 20U,
                            .files = 200,
                            .depth = 8};
  const auto tree = read_source_zip({reinterpret_cast<const char*>(data), size}, limits);
  if (!tree) return 0;
  std::size_t total = 0;
  for (const SourceFile& file : tree->files) {
    if (file.path.empty() || file.path.front() == '/' ||
        ("/" + file.path + "/").find("/../") != std::string::npos) {
      std::abort();
    }
    total += file.text.size();
  }
  if (total > limits.total_bytes) std::abort();
  return 0;
}

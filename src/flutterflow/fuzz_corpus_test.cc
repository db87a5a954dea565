// Replays the corpora of the fuzz targets of this folder, so that what was found once stays found.
#include "base/testing/fuzz_corpus.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>

// The targets themselves, renamed by CMakeLists.txt so that all fit into one program.
extern "C" int fuzz_dart(const std::uint8_t* data, std::size_t size);
extern "C" int fuzz_json_path(const std::uint8_t* data, std::size_t size);
extern "C" int fuzz_yaml(const std::uint8_t* data, std::size_t size);
extern "C" int fuzz_zip(const std::uint8_t* data, std::size_t size);

namespace latchkey::flutterflow {
namespace {

TEST(FuzzCorpus, dart) { EXPECT_GT(base::testing::replay_corpus("dart", fuzz_dart), 0); }
TEST(FuzzCorpus, json_path) { EXPECT_GT(base::testing::replay_corpus("json_path", fuzz_json_path), 0); }
TEST(FuzzCorpus, yaml) { EXPECT_GT(base::testing::replay_corpus("yaml", fuzz_yaml), 0); }
TEST(FuzzCorpus, zip) { EXPECT_GT(base::testing::replay_corpus("zip", fuzz_zip), 0); }

}  // namespace
}  // namespace latchkey::flutterflow

// Replays the corpora of the fuzz targets of this folder, so that what was found once stays found.
#include "base/testing/fuzz_corpus.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>

// The targets themselves, renamed by CMakeLists.txt so that both fit into one program.
extern "C" int fuzz_jwt(const std::uint8_t* data, std::size_t size);
extern "C" int fuzz_phc(const std::uint8_t* data, std::size_t size);

namespace latchkey::crypto {
namespace {

TEST(FuzzCorpus, jwt) { EXPECT_GT(base::testing::replay_corpus("jwt", fuzz_jwt), 0); }
TEST(FuzzCorpus, phc) { EXPECT_GT(base::testing::replay_corpus("phc", fuzz_phc), 0); }

}  // namespace
}  // namespace latchkey::crypto

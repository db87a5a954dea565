// Replays the corpus of the fuzz target of this folder, so that what was found once stays found.
#include "base/testing/fuzz_corpus.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>

// The target itself, renamed by CMakeLists.txt.
extern "C" int fuzz_probe_answer(const std::uint8_t* data, std::size_t size);

namespace latchkey::doctor {
namespace {

TEST(FuzzCorpus, probe_answer) {
  EXPECT_GT(base::testing::replay_corpus("probe_answer", fuzz_probe_answer), 0);
}

}  // namespace
}  // namespace latchkey::doctor

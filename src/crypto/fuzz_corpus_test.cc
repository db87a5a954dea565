// Replays the corpora of the fuzz targets of this folder, so that what was found once stays found.
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

// The targets themselves, renamed by CMakeLists.txt so that both fit into one program.
extern "C" int fuzz_jwt(const std::uint8_t* data, std::size_t size);
extern "C" int fuzz_phc(const std::uint8_t* data, std::size_t size);

namespace latchkey::crypto {
namespace {

int replay(const std::string& corpus, int (*target)(const std::uint8_t*, std::size_t)) {
  int files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(LATCHKEY_SOURCE_DIR "/fuzz/corpus/" + corpus)) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string input{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(target(reinterpret_cast<const std::uint8_t*>(input.data()), input.size()), 0) << entry.path();
    ++files;
  }
  return files;
}

TEST(FuzzCorpus, jwt) { EXPECT_GT(replay("jwt", fuzz_jwt), 0); }
TEST(FuzzCorpus, phc) { EXPECT_GT(replay("phc", fuzz_phc), 0); }

}  // namespace
}  // namespace latchkey::crypto

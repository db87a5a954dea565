// Replays the corpora of the fuzz targets of this folder, so that what was found once stays found.
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

// The targets themselves, renamed by CMakeLists.txt so that all fit into one program.
extern "C" int fuzz_dart(const std::uint8_t* data, std::size_t size);
extern "C" int fuzz_json_path(const std::uint8_t* data, std::size_t size);
extern "C" int fuzz_yaml(const std::uint8_t* data, std::size_t size);
extern "C" int fuzz_zip(const std::uint8_t* data, std::size_t size);

namespace latchkey::flutterflow {
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

TEST(FuzzCorpus, dart) { EXPECT_GT(replay("dart", fuzz_dart), 0); }
TEST(FuzzCorpus, json_path) { EXPECT_GT(replay("json_path", fuzz_json_path), 0); }
TEST(FuzzCorpus, yaml) { EXPECT_GT(replay("yaml", fuzz_yaml), 0); }
TEST(FuzzCorpus, zip) { EXPECT_GT(replay("zip", fuzz_zip), 0); }

}  // namespace
}  // namespace latchkey::flutterflow

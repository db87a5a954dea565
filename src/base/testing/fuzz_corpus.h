// Replays the corpus of a fuzz target, so that what was found once stays found.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace latchkey::base::testing {

// Hands each file of fuzz/corpus/CORPUS to the target; how many there were.
inline int replay_corpus(const std::string& corpus, int (*target)(const std::uint8_t*, std::size_t)) {
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

}  // namespace latchkey::base::testing

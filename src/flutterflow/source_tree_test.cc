// Folders and zips, well meant and hostile.
#include "flutterflow/source_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "base/testing/fakes.h"

namespace latchkey::flutterflow {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

void put(std::string& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xffU);
}

// Writes zips, wrong ones too.
class Zip {
 public:
  // `claims`: the size that the headers say; the real one when negative.
  Zip& add(const std::string& name, const std::string& content, long long claims = -1, unsigned flags = 0) {
    std::string packed(compressBound(content.size()) + 16, '\0');
    z_stream stream{};
    deflateInit2(&stream, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
    stream.avail_in = static_cast<uInt>(content.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    const auto crc =
        crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size()));
    return raw(name, packed, crc, claims < 0 ? content.size() : static_cast<std::size_t>(claims), flags);
  }
  Zip& raw(const std::string& name, const std::string& packed, unsigned long crc, std::size_t size,
           unsigned flags) {
    const std::size_t offset = out_.size();
    std::string shared;
    put(shared, 20, 2);
    put(shared, flags, 2);
    put(shared, 8, 2);
    put(shared, 0, 4);
    put(shared, crc, 4);
    put(shared, packed.size(), 4);
    put(shared, size, 4);
    put(shared, name.size(), 2);
    put(shared, 0, 2);
    put(out_, 0x04034b50, 4);
    out_ += shared + name + packed;
    put(directory_, 0x02014b50, 4);
    put(directory_, 20, 2);
    directory_ += shared;
    put(directory_, 0, 6);
    put(directory_, 0, 4);
    put(directory_, offset, 4);
    directory_ += name;
    ++count_;
    return *this;
  }
  std::string bytes() const {
    std::string all = out_ + directory_;
    put(all, 0x06054b50, 4);
    put(all, 0, 4);
    put(all, count_, 2);
    put(all, count_, 2);
    put(all, directory_.size(), 4);
    put(all, out_.size(), 4);
    put(all, 0, 2);
    return all;
  }

 private:
  std::string out_, directory_;
  std::uint64_t count_ = 0;
};

std::vector<std::string> paths(const SourceTree& tree) {
  std::vector<std::string> out;
  for (const SourceFile& file : tree.files) out.push_back(file.path);
  return out;
}

Zip small_export(const std::string& folder) {
  Zip zip;
  zip.add(folder + "pubspec.yaml", "name: small\n");
  zip.add(folder + "lib/main.dart", "void main() {}\n");
  zip.add(folder + "lib/flutter_flow/nav/nav.dart", "class Nav {}\n");
  return zip;
}

TEST(SourceZip, keeps_what_a_reader_needs) {
  Zip zip = small_export("app-1/");
  zip.add("app-1/assets/environment_values/environment.json", "{}");
  zip.add("app-1/dependencies/parts/lib/a.dart", "class A {}");
  zip.add("app-1/android/app/x.dart", "no").add("app-1/test/x.dart", "no").add("app-1/.git/x.dart", "no");
  zip.add("app-1/assets/images/a.json", "no");
  const auto tree = read_source_zip(zip.bytes());
  ASSERT_TRUE(tree);
  EXPECT_THAT(paths(*tree),
              ElementsAre("assets/environment_values/environment.json", "dependencies/parts/lib/a.dart",
                          "lib/flutter_flow/nav/nav.dart", "lib/main.dart", "pubspec.yaml"));
  EXPECT_THAT(tree->left_out, IsEmpty());
  EXPECT_EQ(tree->find("lib/main.dart")->text, "void main() {}\n");
  EXPECT_EQ(tree->find("lib/none.dart"), nullptr);
}

TEST(SourceZip, keeps_no_path_that_leaves_the_archive) {
  Zip zip = small_export("");
  zip.add("../lib/evil.dart", "x").add("lib/../../evil.dart", "x").add("/lib/evil.dart", "x");
  zip.add("C:/lib/evil.dart", "x").add("..\\lib\\evil.dart", "x");
  const auto tree = read_source_zip(zip.bytes());
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->files.size(), 3U);
  EXPECT_EQ(tree->left_out.size(), 5U);
}

TEST(SourceZip, survives_a_bomb) {
  Zip zip = small_export("");
  const std::string zeros(std::size_t{40} << 20U, '\0');
  zip.add("lib/honest.dart", zeros).add("lib/liar.dart", zeros, 100);
  const auto tree = read_source_zip(zip.bytes());
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->files.size(), 3U);
  EXPECT_THAT(tree->left_out, Contains(HasSubstr("lib/honest.dart is larger than 16 MB")));
  EXPECT_EQ(tree->left_out.size(), 2U);
}

TEST(SourceZip, refuses_more_than_it_may_keep) {
  Zip zip = small_export("");
  for (int i = 0; i < 5; ++i) zip.add("lib/" + std::to_string(i) + ".dart", std::string(1000, 'x'));
  const auto tree = read_source_zip(zip.bytes(), {.total_bytes = 3000});
  ASSERT_FALSE(tree);
  EXPECT_THAT(tree.error().detail, HasSubstr("Give the folder of the project alone"));
}

TEST(SourceZip, refuses_too_many_files) {
  Zip zip = small_export("");
  for (int i = 0; i < 10'000; ++i) zip.add("lib/" + std::to_string(i) + ".dart", "");
  EXPECT_TRUE(read_source_zip(zip.bytes()));
  const auto tree = read_source_zip(zip.bytes(), {.files = 5000});
  ASSERT_FALSE(tree);
  EXPECT_THAT(tree.error().detail, HasSubstr("more than 5000 files"));
}

TEST(SourceZip, passes_over_deep_nesting_and_odd_names) {
  Zip zip = small_export("");
  std::string deep = "lib/";
  for (int i = 0; i < 200; ++i) deep += "a/";
  zip.add(deep + "x.dart", "x").add("lib/\xff\xfe.dart", "x").add(std::string("lib/a\0b.dart", 12), "x");
  const auto tree = read_source_zip(zip.bytes());
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->files.size(), 3U);
  EXPECT_EQ(tree->left_out.size(), 3U);
}

TEST(SourceZip, tells_damaged_encrypted_and_doubled_entries) {
  Zip zip = small_export("");
  zip.raw("lib/damaged.dart", "\x01\x02\x03", 7, 3, 0).add("lib/encrypted.dart", "x", -1, 1);
  zip.add("lib/twice.dart", "a").add("lib/twice.dart", "b");
  const auto tree = read_source_zip(zip.bytes());
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->files.size(), 4U);
  EXPECT_THAT(tree->left_out, Contains("lib/damaged.dart is damaged"));
  EXPECT_THAT(tree->left_out, Contains("lib/encrypted.dart is encrypted"));
  EXPECT_THAT(tree->left_out, Contains("lib/twice.dart is there twice"));
}

TEST(SourceZip, refuses_what_is_no_zip_or_a_part_of_one) {
  const std::string whole = small_export("").bytes();
  EXPECT_FALSE(read_source_zip(""));
  EXPECT_FALSE(read_source_zip("no zip"));
  EXPECT_FALSE(read_source_zip(std::string_view(whole).substr(0, whole.size() / 2)));
}

TEST(SourceZip, asks_which_of_several_projects) {
  Zip zip = small_export("one/");
  zip.add("two/pubspec.yaml", "name: two\n").add("two/lib/flutter_flow/nav/nav.dart", "class Nav {}\n");
  const auto tree = read_source_zip(zip.bytes());
  ASSERT_FALSE(tree);
  EXPECT_THAT(tree.error().detail, HasSubstr("one, two"));
}

TEST(SourceTree, reads_a_folder_and_follows_no_link) {
  const base::testing::TemporaryFolder folder;
  const base::testing::TemporaryFolder outside;
  const auto write = [](const std::filesystem::path& path, std::string_view text) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  };
  write(folder.path() / "app/pubspec.yaml", "name: small\n");
  write(folder.path() / "app/lib/main.dart", "void main() {}\n");
  write(folder.path() / "app/lib/flutter_flow/nav/nav.dart", "class Nav {}\n");
  write(folder.path() / "app/build/x.dart", "no");
  write(outside.path() / "secret.dart", "secret");
  std::filesystem::create_symlink(outside.path() / "secret.dart", folder.path() / "app/lib/link.dart");
  std::filesystem::create_directory_symlink(outside.path(), folder.path() / "app/lib/out");
  const auto tree = read_source_tree(folder.path());
  ASSERT_TRUE(tree) << tree.error().detail;
  EXPECT_THAT(paths(*tree), ElementsAre("lib/flutter_flow/nav/nav.dart", "lib/main.dart", "pubspec.yaml"));
  EXPECT_THAT(tree->left_out, Contains(HasSubstr("link.dart is a link")));
}

TEST(SourceTree, says_what_to_do_when_there_is_nothing) {
  const auto none = read_source_tree("/no/such/folder");
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().detail, HasSubstr("does not exist"));
}

TEST(SourceTree, takes_the_answer_of_the_project_api) {
  Zip zip;
  zip.add("app-details.yaml", "name: small\n");
  const std::string bytes = zip.bytes();
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k)
      bits = bits << 8U | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k)
      text += i + k > bytes.size() ? '=' : kAlphabet[bits >> (18 - 6 * k) & 63U];
  }
  const base::testing::TemporaryFolder folder;
  std::ofstream(folder.path() / "answer.json")
      << R"({"success":true,"value":{"project_yaml_bytes":")" << text << "\"}}";
  const auto tree = read_source_tree(folder.path() / "answer.json");
  ASSERT_TRUE(tree) << tree.error().detail;
  EXPECT_TRUE(tree->is_project_yaml);
  EXPECT_EQ(tree->find("app-details.yaml")->text, "name: small\n");
}

}  // namespace
}  // namespace latchkey::flutterflow

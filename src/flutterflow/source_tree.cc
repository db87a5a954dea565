#include "flutterflow/source_tree.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <system_error>

#include "base/json_reader.h"
#include "flutterflow/zip.h"

namespace latchkey::flutterflow {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::fail;
using base::Result;

constexpr std::size_t kMaxTold = 20;  // of what was left out, by name

// A file that could be read: where it stands below the folder or in the archive, with /.
struct Candidate {
  std::string path;
  std::uint64_t size = 0;
  std::size_t index = 0;
};
// The content, or why there is none ("is damaged").
using ReadCandidate = std::function<Result<std::string>(const Candidate&)>;

bool is_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const auto byte = static_cast<unsigned char>(text[at]);
    std::size_t length = 1;
    if (byte >= 0xf0U && byte < 0xf5U) {
      length = 4;
    } else if (byte >= 0xe0U) {
      length = 3;
    } else if (byte >= 0xc2U) {
      length = 2;
    } else if (byte >= 0x80U) {
      return false;
    }
    if (at + length > text.size()) return false;
    for (std::size_t i = 1; i < length; ++i) {
      if ((static_cast<unsigned char>(text[at + i]) & 0xc0U) != 0x80U) return false;
    }
    at += length;
  }
  return true;
}

// Folders that hold nothing of the app's own source.
bool is_passed_over(std::string_view folder) {
  static constexpr std::array<std::string_view, 10> kFolders = {
      "build", "android",          "ios",         "web", "macos", "windows", "linux",
      "test",  "integration_test", "node_modules"};
  return folder.starts_with('.') || folder == "__MACOSX" ||
         std::ranges::find(kFolders, folder) != kFolders.end();
}

// The path as segments joined by /; nothing when it leaves its folder or is no path.
std::optional<std::string> normal_path(std::string_view name) {
  std::string path;
  std::string segment;
  const auto finish = [&] {
    if (segment == "..") return false;
    if (!segment.empty() && segment != ".") {
      if (!path.empty()) path += '/';
      path += segment;
    }
    segment.clear();
    return true;
  };
  if (name.starts_with('/') || name.starts_with('\\')) return std::nullopt;
  for (const char c : name) {
    if (c == '\0' || c == ':') return std::nullopt;
    if (c == '/' || c == '\\') {
      if (!finish()) return std::nullopt;
    } else {
      segment += c;
    }
  }
  if (!finish() || path.empty()) return std::nullopt;
  return path;
}

std::size_t depth_of(std::string_view path) {
  return static_cast<std::size_t>(std::ranges::count(path, '/'));
}

// What a reader of an export looks at, relative to the project's root.
bool is_wanted(std::string_view path) {
  if (path == "pubspec.yaml") return true;
  if (path.starts_with("assets/environment_values/")) return path.ends_with(".json");
  if (!path.ends_with(".dart")) return false;
  if (path.starts_with("lib/")) return true;
  if (!path.starts_with("dependencies/")) return false;
  const std::size_t name = path.find('/', std::string_view("dependencies/").size());
  return name != std::string_view::npos && path.substr(name).starts_with("/lib/");
}

// Chooses the project's root among the candidates and keeps what belongs to it.
class TreeReader {
 public:
  TreeReader(const SourceLimits& limits, std::vector<std::string> left_out)
      : limits_(limits), told_(left_out.size()) {
    tree_.left_out = std::move(left_out);
  }

  void leave_out(std::string_view path, std::string_view why) {
    if (told_++ < kMaxTold) tree_.left_out.push_back(std::string(path).append(" ").append(why));
  }

  Result<SourceTree> read(const std::vector<Candidate>& candidates, const ReadCandidate& read_one) {
    const auto root = find_root(candidates);
    if (!root) return fail(root.error());
    std::map<std::string, const Candidate*> wanted;
    for (const Candidate& candidate : candidates) {
      if (!candidate.path.starts_with(*root)) continue;
      std::string path = candidate.path.substr(root->size());
      if (tree_.is_project_yaml ? !path.ends_with(".yaml") : !is_wanted(path)) continue;
      if (!wanted.emplace(std::move(path), &candidate).second) leave_out(candidate.path, "is there twice");
    }
    std::uint64_t total = 0;
    for (const auto& [path, candidate] : wanted) {
      if (candidate->size > limits_.file_bytes) {
        leave_out(path, "is larger than " + std::to_string(limits_.file_bytes >> 20U) + " MB");
        continue;
      }
      auto text = read_one(*candidate);
      if (!text) {
        leave_out(path, text.error().detail);
        continue;
      }
      total += text->size();
      if (total > limits_.total_bytes) {
        return fail(ErrorCode::validation_failed, "The project's sources are larger than " +
                                                      std::to_string(limits_.total_bytes >> 20U) +
                                                      " MB. Give the folder of the project alone");
      }
      tree_.files.push_back({.path = path, .text = *std::move(text)});
    }
    if (told_ > kMaxTold) {
      tree_.left_out.push_back("and " + std::to_string(told_ - kMaxTold) + " more");
    }
    return std::move(tree_);
  }

 private:
  // The folder of the project, empty or with a / at the end.
  Result<std::string> find_root(const std::vector<Candidate>& candidates) {
    std::set<std::string> roots;
    std::set<std::string> exports;
    std::optional<std::string> project_yaml;
    for (const Candidate& candidate : candidates) {
      const std::string_view path = candidate.path;
      const auto folder_before = [&](std::string_view end) -> std::optional<std::string> {
        if (path == end) return std::string();
        if (path.size() > end.size() && path.ends_with(end) && path[path.size() - end.size() - 1] == '/') {
          return std::string(path.substr(0, path.size() - end.size()));
        }
        return std::nullopt;
      };
      if (const auto folder = folder_before("pubspec.yaml");
          folder && folder->find("dependencies/") == std::string::npos) {
        roots.insert(*folder);
      }
      if (const std::size_t lib = path.find("lib/flutter_flow/");
          lib != std::string_view::npos && (lib == 0 || path[lib - 1] == '/') &&
          path.substr(0, lib).find("dependencies/") == std::string_view::npos) {
        exports.insert(std::string(path.substr(0, lib)));
      }
      if (const auto folder = folder_before("app-details.yaml"); folder && !project_yaml)
        project_yaml = *folder;
    }
    if (exports.empty() && roots.empty() && project_yaml) {
      tree_.is_project_yaml = true;
      return *project_yaml;
    }
    // Where code stands that FlutterFlow wrote says more than a pubspec.yaml.
    const std::set<std::string>& found = exports.empty() ? roots : exports;
    if (found.empty()) return std::string();
    std::vector<std::string> nearest;
    std::size_t depth = std::string::npos;
    for (const std::string& root : found) depth = std::min(depth, depth_of(root));
    for (const std::string& root : found) {
      if (depth_of(root) == depth) nearest.push_back(root);
    }
    if (nearest.size() == 1) return nearest[0];
    std::string names;
    for (std::size_t i = 0; i < nearest.size() && i < 5; ++i) {
      names.append(i == 0 ? "" : ", ").append(nearest[i].substr(0, nearest[i].size() - 1));
    }
    return fail(ErrorCode::validation_failed,
                "There are several projects: " + names + ". Give the folder of the one to look at");
  }

  const SourceLimits& limits_;
  SourceTree tree_;
  std::size_t told_ = 0;
};

Result<std::string> read_file(const fs::path& path, std::uint64_t max_bytes) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(ErrorCode::validation_failed, "cannot be read");
  std::string text;
  std::array<char, std::size_t{64} * 1024> chunk{};
  while (in.read(chunk.data(), chunk.size()), in.gcount() > 0) {
    text.append(chunk.data(), static_cast<std::size_t>(in.gcount()));
    if (text.size() > max_bytes) {
      return fail(ErrorCode::validation_failed, "is larger than " + std::to_string(max_bytes >> 20U) + " MB");
    }
  }
  if (in.bad()) return fail(ErrorCode::validation_failed, "cannot be read");
  return text;
}

Result<SourceTree> read_folder(const fs::path& folder, const SourceLimits& limits) {
  std::vector<Candidate> candidates;
  std::vector<fs::path> paths;
  std::vector<std::string> left_out;
  std::uint32_t looked_at = 0;
  std::error_code error;
  fs::recursive_directory_iterator it(folder, fs::directory_options::skip_permission_denied, error);
  if (error) {
    return fail(ErrorCode::validation_failed, folder.string() + " cannot be read: " + error.message());
  }
  for (; it != fs::recursive_directory_iterator(); it.increment(error)) {
    if (error) return fail(ErrorCode::validation_failed, folder.string() + ": " + error.message());
    const std::string name = it->path().filename().string();
    if (++looked_at > limits.files) {
      return fail(ErrorCode::validation_failed, folder.string() + " holds more than " +
                                                    std::to_string(limits.files) +
                                                    " files. Give the folder of the project alone");
    }
    std::error_code ignored;
    const fs::file_status status = it->symlink_status(ignored);
    if (fs::is_directory(status)) {
      if (is_passed_over(name) || it.depth() >= static_cast<int>(limits.depth))
        it.disable_recursion_pending();
      continue;
    }
    const std::string path = it->path().lexically_relative(folder).generic_string();
    if (fs::is_symlink(status)) {  // followed neither to files nor to folders
      if (path.ends_with(".dart")) left_out.push_back(path + " is a link");
      continue;
    }
    if (!fs::is_regular_file(status)) continue;
    if (!path.ends_with(".dart") && !path.ends_with(".yaml") && !path.ends_with(".json")) continue;
    if (!is_utf8(path)) {
      left_out.emplace_back("a file whose name is not UTF-8");
      continue;
    }
    const std::uintmax_t size = it->file_size(ignored);
    candidates.push_back({.path = path, .size = ignored ? 0 : size, .index = paths.size()});
    paths.push_back(it->path());
  }
  TreeReader reader(limits, std::move(left_out));
  return reader.read(candidates, [&](const Candidate& candidate) {
    return read_file(paths[candidate.index], limits.file_bytes);
  });
}

// The zip inside the JSON that the Project API answers; nothing when it is something else.
std::optional<std::string> decode_api_answer(std::string_view text) {
  const auto json = base::parse_json(text);
  if (!json || !json->is_object()) return std::nullopt;
  const auto* value = json->as_object().if_contains("value");
  if (value == nullptr || !value->is_object()) return std::nullopt;
  const auto* bytes = value->as_object().if_contains("projectYamlBytes");
  if (bytes == nullptr) bytes = value->as_object().if_contains("project_yaml_bytes");
  if (bytes == nullptr || !bytes->is_string()) return std::nullopt;
  std::string decoded;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : bytes->as_string()) {
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::size_t value_of = kAlphabet.find(c);
    if (c == '-') value_of = 62;
    if (c == '_') value_of = 63;
    if (value_of == std::string_view::npos) continue;
    bits = bits << 6U | static_cast<std::uint32_t>(value_of);
    if (++count % 4 == 0) {
      for (unsigned shift = 24; shift > 0; shift -= 8) {
        decoded += static_cast<char>(bits >> (shift - 8) & 0xffU);
      }
      bits = 0;
    }
  }
  if (count % 4 == 2) decoded += static_cast<char>(bits >> 4U & 0xffU);
  if (count % 4 == 3) {
    decoded += static_cast<char>(bits >> 10U & 0xffU);
    decoded += static_cast<char>(bits >> 2U & 0xffU);
  }
  return decoded;
}

}  // namespace

const SourceFile* SourceTree::find(std::string_view path) const {
  const auto found = std::ranges::lower_bound(files, path, {}, &SourceFile::path);
  return found != files.end() && found->path == path ? &*found : nullptr;
}

Result<SourceTree> read_source_tree(const fs::path& path, const SourceLimits& limits) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) {
    return fail(ErrorCode::validation_failed,
                path.string() + " does not exist. Give the folder of the exported project, or its zip");
  }
  if (fs::is_directory(status)) return read_folder(path, limits);
  if (!fs::is_regular_file(status)) {
    return fail(ErrorCode::validation_failed, path.string() + " is neither a folder nor a file");
  }
  auto bytes = read_file(path, limits.archive_bytes);
  if (!bytes) return fail(ErrorCode::validation_failed, path.string() + " " + bytes.error().detail);
  const std::size_t first = bytes->find_first_not_of(" \t\r\n");
  if (first != std::string::npos && (*bytes)[first] == '{') {
    const auto decoded = decode_api_answer(*bytes);
    if (!decoded) {
      return fail(
          ErrorCode::validation_failed,
          path.string() + " is JSON, but no answer of FlutterFlow's Project API with projectYamlBytes");
    }
    return read_source_zip(*decoded, limits);
  }
  return read_source_zip(*bytes, limits);
}

Result<SourceTree> read_source_zip(std::string_view bytes, const SourceLimits& limits) {
  auto zip = ZipReader::open(bytes, limits.files);
  if (!zip) return fail(zip.error());
  TreeReader reader(limits, {});
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < zip->entries().size(); ++i) {
    const ZipEntry& entry = zip->entries()[i];
    if (entry.name.ends_with('/')) continue;
    if (!is_utf8(entry.name)) {
      reader.leave_out("a file", "has a name that is not UTF-8");
      continue;
    }
    const auto path = normal_path(entry.name);
    if (!path) {
      reader.leave_out(entry.name.substr(0, 80), "would leave the archive's folder");
      continue;
    }
    if (depth_of(*path) > limits.depth) {
      reader.leave_out("a file", "stands in more than " + std::to_string(limits.depth) + " folders");
      continue;
    }
    const auto folders = std::string_view(*path);
    bool is_hidden = false;
    for (std::size_t begin = 0, end = 0; (end = folders.find('/', begin)) != std::string_view::npos;
         begin = end + 1) {
      is_hidden = is_hidden || is_passed_over(folders.substr(begin, end - begin));
    }
    if (!is_hidden) candidates.push_back({.path = *path, .size = entry.size, .index = i});
  }
  return reader.read(
      candidates, [&](const Candidate& candidate) { return zip->read(candidate.index, limits.file_bytes); });
}

}  // namespace latchkey::flutterflow

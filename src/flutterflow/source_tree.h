// The files of an exported project, from a folder or a zip, held to limits.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace latchkey::flutterflow {

struct SourceFile {
  std::string
      path;  // relative to the project's root (where pubspec.yaml is), with /, never with .. or a drive
  std::string text;
};

// What is read at most. Whatever is over is refused with an error that says which limit it was.
struct SourceLimits {
  std::uint64_t file_bytes = 16U << 20U;      // of one file; larger ones are left out and told
  std::uint64_t total_bytes = 160U << 20U;    // of all files that are kept
  std::uint64_t archive_bytes = 512U << 20U;  // of a zip
  std::uint32_t files = 50'000;               // entries looked at, kept or not
  std::uint32_t depth = 64;                   // folders in folders
};

// Sorted by path. Only what a reader needs is kept: *.dart, pubspec.yaml, *.yaml/*.json of
// assets/environment_values and of the Project API; platform folders, build output, tests and hidden folders
// are passed over.
struct SourceTree {
  std::vector<SourceFile> files;
  std::vector<std::string> left_out;  // what was passed over for a reason the person should know, in words
  bool is_project_yaml = false;       // the zip of the Project API rather than an export

  const SourceFile* find(std::string_view path) const;
};

// A folder, a git checkout or a zip file. Symbolic links are not followed out of the folder. Fails with
// validation_failed, the detail in words a person can act on.
base::Result<SourceTree> read_source_tree(const std::filesystem::path& path, const SourceLimits& limits = {});
// The bytes of a zip. The project may stand in a folder inside.
base::Result<SourceTree> read_source_zip(std::string_view bytes, const SourceLimits& limits = {});

}  // namespace latchkey::flutterflow

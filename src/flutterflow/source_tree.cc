#include "flutterflow/source_tree.h"

#include <algorithm>

namespace latchkey::flutterflow {

const SourceFile* SourceTree::find(std::string_view path) const {
  const auto found = std::ranges::lower_bound(files, path, {}, &SourceFile::path);
  return found != files.end() && found->path == path ? &*found : nullptr;
}

}  // namespace latchkey::flutterflow

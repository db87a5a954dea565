// tree-sitter, held to a time.
//
// Some input that is no Dart takes it minutes. Its own time limit cannot be used: Debian's 0.20 releases a
// subtree that is not there when the limit is reached between two tokens, and crashes. So its memory comes
// through functions of ours, which look at the clock and leave the parser from there; whatever it had is
// given back.
#pragma once

#include <tree_sitter/api.h>

#include <chrono>
#include <string_view>

namespace latchkey::flutterflow::dart {

// Null when it took longer. The tree is deleted with ts_tree_delete, on the thread that made it.
TSTree* parse_within(std::string_view source, const TSLanguage* language, std::chrono::microseconds time);

}  // namespace latchkey::flutterflow::dart

// What only draws: styles, paddings, decorations, which are a fifth to a third of a page and say nothing of
// what the app does. The parser takes as long for them as for everything else.
#pragma once

#include <string>
#include <string_view>

namespace latchkey::flutterflow::dart {

// The source with each value that is made of nothing else (`TextStyle(…)`,
// `FlutterFlowTheme.of(context).primary`, `EdgeInsets.all(8.0)`, …) replaced by a `0` and blanks, so that
// everything else keeps its place and its line. A value stays when there is a function, a text with a value
// put in, a comment or a page in it, or when what stands around it is not plain. Empty when there is nothing
// to replace.
std::string without_drawing(std::string_view source);

}  // namespace latchkey::flutterflow::dart

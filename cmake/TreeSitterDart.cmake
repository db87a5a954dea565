# The Dart grammar of tree-sitter (MIT), as a generated parser: the npm package `tree-sitter-dart` carries it. Its
# sources are fetched by npm, checked, and never committed. Nothing can take its place, so not having it is an error.
#
# target tree_sitter_dart  the grammar with the library that runs it
include(NpmPackage)

# The registry's integrity value of that version, in hexadecimal. ./dev knows both as well.
string(CONCAT _dart_sha512
  55ee5830f2638c65bd2c4b0ef8c9e000e89b42cc39a1b169f9b513e35a6fc1d7
  17591c09226396b3779a3e2e80b9b122066734f6abe176fc5e217bf1961327ba)
latchkey_npm_package(_dart tree-sitter-dart 1.0.0 ${_dart_sha512} PATTERNS package/src)
if(NOT _dart)
  message(FATAL_ERROR "No Dart grammar, which the doctor is built on: ${_dart_PROBLEM}\n"
    "With access to the npm registry, `./dev setup serve` fetches it. Without, put the file that `npm pack "
    "tree-sitter-dart@1.0.0` writes on another machine into ${CMAKE_SOURCE_DIR}/.tools, and configure again.")
endif()

add_library(tree_sitter_dart STATIC "${_dart}/src/parser.c" "${_dart}/src/scanner.c")
target_include_directories(tree_sitter_dart PRIVATE "${_dart}/src")
# Tables for the most part, and the warnings of foreign code are not ours.
target_compile_options(tree_sitter_dart PRIVATE -Os -w)
target_link_libraries(tree_sitter_dart PUBLIC PkgConfig::TREE_SITTER)

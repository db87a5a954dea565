# latchkey_library(NAME SOURCES … LINKS …)  the library of one folder: target latchkey_NAME
# latchkey_test(NAME SOURCES … LINKS …)     its one test binary: target NAME_test, run by ctest
function(latchkey_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  add_library(latchkey_${name} STATIC ${ARG_SOURCES})
  target_link_libraries(latchkey_${name} PUBLIC latchkey_options ${ARG_LINKS})
endfunction()

# latchkey_for_size(TARGET)  what runs once, at the start or as a command: small rather than fast, because the
# kernel brings whole neighbourhoods of a program's pages into memory.
function(latchkey_for_size target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-Os>)
endfunction()

function(latchkey_test name)
  if(NOT LATCHKEY_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS;LABELS;ENVIRONMENT" ${ARGN})
  add_executable(${name}_test ${ARG_SOURCES})
  target_link_libraries(${name}_test PRIVATE latchkey_options ${ARG_LINKS} GTest::gmock GTest::gtest_main)
  target_compile_definitions(${name}_test PRIVATE LATCHKEY_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  add_test(NAME ${name} COMMAND ${name}_test)
  set_tests_properties(${name} PROPERTIES TIMEOUT 600 LABELS "unit;${ARG_LABELS}" ENVIRONMENT "${ARG_ENVIRONMENT}")
endfunction()

# latchkey_allow_partial_switches(TARGET)  for readers of syntax trees: a switch may name the few kinds of nodes that
# it means, and have a default for the rest. Set on the files, since what a target links to comes after its own options.
function(latchkey_allow_partial_switches target)
  get_target_property(sources ${target} SOURCES)
  # clang also warns of what libstdc++'s own stable_sort calls.
  set_source_files_properties(${sources} PROPERTIES COMPILE_OPTIONS "-Wno-switch-enum;-Wno-deprecated-declarations")
endfunction()

# Language level, warnings, sanitizers and hardening for every target.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(LATCHKEY_SANITIZE "" CACHE STRING "Value of -fsanitize= for every target")

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_C_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()
# mold links fastest. What is shipped is linked by GNU ld: Debian's mold cannot pack relative relocations, which are
# 0.6 MB of a static program otherwise, all read at each start.
find_program(MOLD_PROGRAM mold)
if(LATCHKEY_STATIC)
  add_link_options(-Wl,-z,pack-relative-relocs)
elseif(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()

add_library(latchkey_options INTERFACE)
target_include_directories(latchkey_options INTERFACE "${CMAKE_SOURCE_DIR}/src")
target_compile_options(latchkey_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wnon-virtual-dtor
  -Woverloaded-virtual -Wold-style-cast -Wformat=2 -Wimplicit-fallthrough -Wswitch-enum)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports these for correct code inside std::expected and std::variant when it inlines.
  target_compile_options(latchkey_options INTERFACE -Wno-maybe-uninitialized -Wno-restrict -Wno-dangling-pointer -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)
endif()
if(LATCHKEY_WERROR)
  target_compile_options(latchkey_options INTERFACE -Werror)
endif()

if(LATCHKEY_SANITIZE)
  add_compile_options(-fsanitize=${LATCHKEY_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${LATCHKEY_SANITIZE})
else()
  add_compile_options(-fstack-protector-strong)
  if(CMAKE_BUILD_TYPE STREQUAL "Release")
    add_compile_definitions(_FORTIFY_SOURCE=2)
    add_compile_options(-ffunction-sections -fdata-sections)
  endif()
  add_link_options(-Wl,-z,relro,-z,now -Wl,--gc-sections -Wl,--as-needed)
endif()

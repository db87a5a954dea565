# Every library from outside, in one place; each is a Debian package (docs/decisions/0002-libraries.md).
#
# With LATCHKEY_STATIC they become part of the program, but for glibc and those named last
# (docs/decisions/0006-static-release.md). Targets have the same names either way.
if(NOT LATCHKEY_STATIC STREQUAL LATCHKEY_FOUND_STATIC)  # what was found for the other way is of no use
  unset(OPENSSL_CRYPTO_LIBRARY CACHE)
  unset(OPENSSL_SSL_LIBRARY CACHE)
  unset(SQLite3_LIBRARY CACHE)
  unset(pkgcfg_lib_SODIUM_sodium CACHE)
  unset(pkgcfg_lib_UTF8PROC_utf8proc CACHE)
  unset(pkgcfg_lib_TREE_SITTER_tree-sitter CACHE)
  unset(pkgcfg_lib_YAML_yaml CACHE)
  unset(pkgcfg_lib_MINIZIP_minizip CACHE)
  unset(ZLIB_LIBRARY_RELEASE CACHE)
  set(LATCHKEY_FOUND_STATIC ${LATCHKEY_STATIC} CACHE INTERNAL "")
endif()
if(LATCHKEY_STATIC)
  set(Boost_USE_STATIC_LIBS ON)
  set(OPENSSL_USE_STATIC_LIBS ON)
  set(latchkey_suffixes ${CMAKE_FIND_LIBRARY_SUFFIXES})
  set(CMAKE_FIND_LIBRARY_SUFFIXES .a)  # for every way of finding below
endif()

find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(OpenSSL 3 REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(CLI11 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(UTF8PROC REQUIRED IMPORTED_TARGET libutf8proc)
pkg_check_modules(TOMLPLUSPLUS REQUIRED IMPORTED_TARGET tomlplusplus)
pkg_check_modules(TREE_SITTER REQUIRED IMPORTED_TARGET tree-sitter)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(MINIZIP REQUIRED IMPORTED_TARGET minizip)
find_package(ZLIB REQUIRED)
if(LATCHKEY_STATIC)
  # Debian has no archives of these three; their headers hold all of their code.
  find_path(FMT_INCLUDE fmt/format-inl.h REQUIRED)
  add_library(fmt::fmt INTERFACE IMPORTED)
  target_compile_definitions(fmt::fmt INTERFACE FMT_HEADER_ONLY)
  find_path(SPDLOG_INCLUDE spdlog/spdlog-inl.h REQUIRED)
  add_library(spdlog::spdlog INTERFACE IMPORTED)
  target_compile_definitions(spdlog::spdlog INTERFACE SPDLOG_FMT_EXTERNAL)
  target_link_libraries(spdlog::spdlog INTERFACE fmt::fmt)
  set_target_properties(PkgConfig::TOMLPLUSPLUS PROPERTIES
    INTERFACE_LINK_LIBRARIES "" INTERFACE_COMPILE_OPTIONS "" INTERFACE_COMPILE_DEFINITIONS TOML_HEADER_ONLY=1)
  set(CMAKE_FIND_LIBRARY_SUFFIXES ${latchkey_suffixes})
  # A shared library must not find the program's copy of a library in place of its own.
  add_link_options(-Wl,--exclude-libs,ALL)
else()
  find_package(fmt REQUIRED)
  find_package(spdlog REQUIRED)
endif()

# Always shared: prometheus-cpp has no archive and brings libstdc++; libpq's lacks parts, and brings Kerberos and LDAP;
# zxcvbn's is not position independent; the licence of libcrypt (LGPL) asks that it can be replaced.
find_package(PostgreSQL 13 REQUIRED)
find_package(prometheus-cpp REQUIRED COMPONENTS core)
find_library(ZXCVBN_LIBRARY zxcvbn REQUIRED)
find_library(CRYPT_LIBRARY crypt REQUIRED)
if(LATCHKEY_TESTS OR LATCHKEY_FUZZ)
  find_package(GTest REQUIRED)
endif()
if(LATCHKEY_BENCH)
  find_package(benchmark REQUIRED)
endif()

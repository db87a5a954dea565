# The Argon2 reference implementation (CC0 or Apache-2.0), which is much faster than libsodium's: it works in memory
# that Latchkey keeps, in huge pages, with AVX2 or AVX-512. Its sources are in the npm package `argon2`; they are
# fetched here by npm, checked, and never committed.
#
# latchkey_add_reference_argon2(TARGET)  adds it to TARGET, which sees LATCHKEY_REFERENCE_ARGON2 when it is there
#
# LATCHKEY_FAST_ARGON2  AUTO: with it if it can be had, else libsodium does the work
#                       ON:   not being able to have it is an error
#                       OFF:  libsodium does the work
include(NpmPackage)
set(LATCHKEY_FAST_ARGON2 AUTO CACHE STRING "Build the Argon2 reference implementation: AUTO, ON or OFF")
set_property(CACHE LATCHKEY_FAST_ARGON2 PROPERTY STRINGS AUTO ON OFF)

# The registry's integrity value of that version, in hexadecimal.
string(CONCAT _argon2_sha512
  b249befd60a3906a8243117b146d4bb995cce72bdb16381b7e2086b2e776a0b8
  1a0e187a6fa75b1f46f51248216ccfb1c78063f00a5ef8a2a08b1a0895666271)

function(latchkey_add_reference_argon2 target)
  if(LATCHKEY_FAST_ARGON2 STREQUAL "OFF")
    return()
  endif()
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
    latchkey_npm_package(sources argon2 0.45.1 ${_argon2_sha512} PATTERNS package/argon2)
  else()
    set(sources_PROBLEM "it is for x86-64 only")
  endif()
  if(NOT sources)
    if(LATCHKEY_FAST_ARGON2 STREQUAL "ON")
      message(FATAL_ERROR "No Argon2 reference implementation: ${sources_PROBLEM}")
    endif()
    message(WARNING "Passwords will be hashed by libsodium, which is slower: ${sources_PROBLEM}")
    return()
  endif()

  foreach(variant IN ITEMS sse2 avx2 avx512)
    string(REPLACE avx512 avx512f flag ${variant})
    set(object ${target}_argon2_${variant})
    add_library(${object} OBJECT argon2_reference.c)
    target_include_directories(${object} PRIVATE "${CMAKE_SOURCE_DIR}/src")
    target_include_directories(${object} SYSTEM PRIVATE "${sources}/argon2/include" "${sources}/argon2/src")
    target_compile_definitions(${object} PRIVATE ARGON2_NO_THREADS LATCHKEY_ARGON2_VARIANT=${variant})
    # Fast in every kind of build, and the warnings of foreign code are not ours.
    target_compile_options(${object} PRIVATE -m${flag} -O3 -w)
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:${object}>)
  endforeach()
  target_compile_definitions(${target} PRIVATE LATCHKEY_REFERENCE_ARGON2)
endfunction()

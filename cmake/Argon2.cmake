# The Argon2 reference implementation (CC0 or Apache-2.0), which is much faster than libsodium's: it works in memory
# that Latchkey keeps, in huge pages, with AVX2 or AVX-512. Its sources are in the npm package `argon2`; they are
# fetched here by npm, checked, and never committed.
#
# latchkey_add_reference_argon2(TARGET)  adds it to TARGET, which sees LATCHKEY_REFERENCE_ARGON2 when it is there
#
# LATCHKEY_FAST_ARGON2  AUTO: with it if it can be had, else libsodium does the work
#                       ON:   not being able to have it is an error
#                       OFF:  libsodium does the work
set(LATCHKEY_FAST_ARGON2 AUTO CACHE STRING "Build the Argon2 reference implementation: AUTO, ON or OFF")
set_property(CACHE LATCHKEY_FAST_ARGON2 PROPERTY STRINGS AUTO ON OFF)

set(_argon2_name argon2-0.45.1)
set(_argon2_package argon2@0.45.1)
# The registry's integrity value of that version, in hexadecimal.
string(CONCAT _argon2_sha512
  b249befd60a3906a8243117b146d4bb995cce72bdb16381b7e2086b2e776a0b8
  1a0e187a6fa75b1f46f51248216ccfb1c78063f00a5ef8a2a08b1a0895666271)

# Sets ${out} to the folder with the checked sources, or to nothing and ${out}_PROBLEM to the reason.
function(_argon2_fetch out)
  set(${out} "" PARENT_SCOPE)
  set(kept "${CMAKE_SOURCE_DIR}/.tools/${_argon2_name}.tgz")  # survives the build folder
  set(tarball "${kept}")
  if(NOT EXISTS "${kept}")
    set(download "${CMAKE_BINARY_DIR}/argon2-download")
    set(tarball "${download}/${_argon2_name}.tgz")
    file(MAKE_DIRECTORY "${download}")
    find_program(NPM_PROGRAM npm HINTS "${CMAKE_SOURCE_DIR}/.tools/bin")
    if(NOT NPM_PROGRAM)
      set(${out}_PROBLEM "npm is not there to fetch ${_argon2_package}" PARENT_SCOPE)
      return()
    endif()
    message(STATUS "Fetching ${_argon2_package} with ${NPM_PROGRAM}")
    execute_process(COMMAND "${NPM_PROGRAM}" pack --silent ${_argon2_package}
      WORKING_DIRECTORY "${download}" RESULT_VARIABLE result OUTPUT_QUIET ERROR_VARIABLE problem TIMEOUT 120)
    if(NOT result EQUAL 0 OR NOT EXISTS "${tarball}")
      string(STRIP "${problem}" problem)
      set(${out}_PROBLEM "npm pack ${_argon2_package} failed: ${result} ${problem}" PARENT_SCOPE)
      return()
    endif()
  endif()

  file(SHA512 "${tarball}" sha512)
  if(NOT sha512 STREQUAL _argon2_sha512)
    set(${out}_PROBLEM "${tarball} is not the published ${_argon2_package}: its SHA-512 is ${sha512}" PARENT_SCOPE)
    return()
  endif()
  if(NOT tarball STREQUAL kept)
    file(MAKE_DIRECTORY "${CMAKE_SOURCE_DIR}/.tools")
    file(RENAME "${tarball}" "${kept}" RESULT moved)  # in one step: others may configure now
    if(moved EQUAL 0)
      set(tarball "${kept}")
    endif()
  endif()

  set(sources "${CMAKE_BINARY_DIR}/${_argon2_name}")
  file(ARCHIVE_EXTRACT INPUT "${tarball}" DESTINATION "${sources}" PATTERNS package/argon2)
  set(${out} "${sources}/package/argon2" PARENT_SCOPE)
endfunction()

function(latchkey_add_reference_argon2 target)
  if(LATCHKEY_FAST_ARGON2 STREQUAL "OFF")
    return()
  endif()
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
    _argon2_fetch(sources)
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
    target_include_directories(${object} SYSTEM PRIVATE "${sources}/include" "${sources}/src")
    target_compile_definitions(${object} PRIVATE ARGON2_NO_THREADS LATCHKEY_ARGON2_VARIANT=${variant})
    # Fast in every kind of build, and the warnings of foreign code are not ours.
    target_compile_options(${object} PRIVATE -m${flag} -O3 -w)
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:${object}>)
  endforeach()
  target_compile_definitions(${target} PRIVATE LATCHKEY_REFERENCE_ARGON2)
endfunction()

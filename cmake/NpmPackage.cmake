# Sources that are published as an npm package: fetched by npm, checked, and never committed.
#
# latchkey_npm_package(OUT NAME VERSION SHA512 PATTERNS pattern…)
#   Sets OUT to the folder `package` with the files that match the patterns, or to nothing and OUT_PROBLEM to the
#   reason. SHA512 is the registry's integrity value of that version, in hexadecimal. The tarball is kept in .tools,
#   where ./dev puts it too.
function(latchkey_npm_package out name version expected)
  cmake_parse_arguments(ARG "" "" "PATTERNS" ${ARGN})
  set(${out} "" PARENT_SCOPE)
  set(file "${name}-${version}.tgz")
  set(kept "${CMAKE_SOURCE_DIR}/.tools/${file}")  # survives the build folder
  set(tarball "${kept}")
  if(NOT EXISTS "${kept}")
    set(download "${CMAKE_BINARY_DIR}/${name}-download")
    set(tarball "${download}/${file}")
    file(MAKE_DIRECTORY "${download}")
    find_program(NPM_PROGRAM npm HINTS "${CMAKE_SOURCE_DIR}/.tools/bin")
    if(NOT NPM_PROGRAM)
      set(${out}_PROBLEM "npm is not there to fetch ${name}@${version}" PARENT_SCOPE)
      return()
    endif()
    message(STATUS "Fetching ${name}@${version} with ${NPM_PROGRAM}")
    execute_process(COMMAND "${NPM_PROGRAM}" pack --silent ${name}@${version}
      WORKING_DIRECTORY "${download}" RESULT_VARIABLE result OUTPUT_QUIET ERROR_VARIABLE problem TIMEOUT 120)
    if(NOT result EQUAL 0 OR NOT EXISTS "${tarball}")
      string(STRIP "${problem}" problem)
      set(${out}_PROBLEM "npm pack ${name}@${version} failed: ${result} ${problem}" PARENT_SCOPE)
      return()
    endif()
  endif()

  file(SHA512 "${tarball}" sha512)
  if(NOT sha512 STREQUAL expected)
    set(${out}_PROBLEM "${tarball} is not the published ${name}@${version}: its SHA-512 is ${sha512}" PARENT_SCOPE)
    return()
  endif()
  if(NOT tarball STREQUAL kept)
    file(MAKE_DIRECTORY "${CMAKE_SOURCE_DIR}/.tools")
    file(RENAME "${tarball}" "${kept}" RESULT moved)  # in one step: others may configure now
    if(moved EQUAL 0)
      set(tarball "${kept}")
    endif()
  endif()

  set(sources "${CMAKE_BINARY_DIR}/${name}-${version}")
  file(ARCHIVE_EXTRACT INPUT "${tarball}" DESTINATION "${sources}" PATTERNS ${ARG_PATTERNS})
  set(${out} "${sources}/package" PARENT_SCOPE)
endfunction()

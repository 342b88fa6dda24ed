# Compiles a target in two thirds of the time, where it is not what one waits for when it runs. The
# bits are the same: no level of optimisation may reorder arithmetic (flags.cmake).
function(grok_cold)
  foreach(target IN LISTS ARGN)
    target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
  endforeach()
endfunction()

# One folder of the library: a static library `grok_NAME` and, where it has tests, one test program
# `NAME_test`. Sources are listed, never globbed: tests/floors checks that none is missing.
#
#   grok_folder(store SOURCES a.cpp b.cpp TESTS a_test.cpp DEPENDS base LIBS SQLite::SQLite3)
#
# DEPENDS names folders on lower floors; LIBS names libraries from outside. PRECOMPILED names headers
# that take long to read and that most files of the folder need; tests have gtest beside them. COLD
# is a folder whose own code takes no time worth mentioning: see grok_cold.
function(grok_folder name)
  cmake_parse_arguments(ARG "COLD" "" "SOURCES;TESTS;DEPENDS;LIBS;PRECOMPILED" ${ARGN})
  add_library(grok_${name} STATIC ${ARG_SOURCES})
  list(TRANSFORM ARG_DEPENDS PREPEND grok_ OUTPUT_VARIABLE lower)
  target_link_libraries(grok_${name} PUBLIC grok_flags ${lower} ${ARG_LIBS})
  if(ARG_PRECOMPILED)
    target_precompile_headers(grok_${name} PRIVATE ${ARG_PRECOMPILED})
  endif()
  if(ARG_COLD)
    grok_cold(grok_${name})
  endif()
  if(ARG_TESTS)
    add_executable(${name}_test ${ARG_TESTS})
    grok_cold(${name}_test)
    target_link_libraries(${name}_test PRIVATE grok_${name} GTest::gtest_main)
    if(ARG_PRECOMPILED)
      target_precompile_headers(${name}_test PRIVATE <gtest/gtest.h> <nlohmann/json.hpp>)
    endif()
    gtest_discover_tests(${name}_test TEST_PREFIX "${name}." PROPERTIES LABELS quick
                         DISCOVERY_MODE PRE_TEST)
  endif()
endfunction()

# The files that a catalogue lists: each GROK_X(name) in FILE stands for name.cpp beside it.
function(grok_catalog_sources file out)
  file(STRINGS ${file} lines REGEX "^GROK_[A-Z]+\\([a-z0-9_]+\\)")
  set(sources)
  foreach(line IN LISTS lines)
    string(REGEX REPLACE "^GROK_[A-Z]+\\(([a-z0-9_]+)\\).*" "\\1.cpp" source "${line}")
    list(APPEND sources ${source})
  endforeach()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  set(${out} ${sources} PARENT_SCOPE)
endfunction()

# Adds the folders that FLOORS names, lowest floor first, so that no folder can link one above it.
function(grok_floors file)
  file(STRINGS ${file} lines REGEX "^[0-9]+ ")
  foreach(line IN LISTS lines)
    string(REGEX REPLACE "^[0-9]+ +" "" folders "${line}")
    separate_arguments(folders)
    foreach(folder IN LISTS folders)
      if(EXISTS ${CMAKE_SOURCE_DIR}/grok/${folder}/CMakeLists.txt)
        add_subdirectory(grok/${folder})
      endif()
    endforeach()
  endforeach()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
endfunction()

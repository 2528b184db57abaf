# How the house is built: rooms, test programs, and the precompiled headers that keep that quick. The JSON library, the
# argument parser and GoogleMock each cost more to parse than most files of the house.

# walsoak_header_set(<name> DEPS lib ... HEADERS <header> ...): a precompiled header for other targets to reuse. They
# must be compiled with the same definitions and options, so DEPS says what brings these.
function(walsoak_header_set name)
  cmake_parse_arguments(ARG "" "" "DEPS;HEADERS;OPTIONS" ${ARGN})
  add_library(${name} OBJECT ${PROJECT_SOURCE_DIR}/cmake/precompiled.cc)
  target_link_libraries(${name} PRIVATE ${ARG_DEPS})
  target_compile_options(${name} PRIVATE ${ARG_OPTIONS})
  target_precompile_headers(${name} PRIVATE ${ARG_HEADERS})
endfunction()

set(walsoak_headers <nlohmann/json.hpp> <fmt/format.h> <fmt/ranges.h> <filesystem> <functional> <map> <optional> <string>
                    <vector>)
walsoak_header_set(walsoak_pch DEPS fmt::fmt nlohmann_json::nlohmann_json Threads::Threads HEADERS ${walsoak_headers})

# walsoak_arrows(<name> DEPS lib ...): refuses a room that a later one of harness/CMakeLists.txt has to come before, and an
# include of a room that is not among its dependencies or theirs. Static libraries would hide both: headers are found
# from the top of the checkout, and a symbol by whatever comes later on the linker's line.
function(walsoak_arrows name)
  cmake_parse_arguments(ARG "" "" "DEPS" ${ARGN})
  file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  set(below ${folder})
  foreach(dep ${ARG_DEPS})
    if(dep MATCHES "^walsoak_" AND NOT TARGET ${dep})
      message(FATAL_ERROR "room ${name} uses ${dep}, which comes later or is not there (harness/CMakeLists.txt has the order)")
    endif()
    get_property(more GLOBAL PROPERTY below_${dep})
    list(APPEND below ${more})
  endforeach()
  list(REMOVE_DUPLICATES below)
  set_property(GLOBAL PROPERTY below_walsoak_${name} ${below})
  file(GLOB files *.h *.cc *.in)
  foreach(file ${files})
    file(STRINGS ${file} includes REGEX "^#include \"(harness|strategies)/")
    foreach(include ${includes})
      string(REGEX REPLACE "^#include \"(.*)/[^/]*\".*" "\\1" used "${include}")
      string(REGEX REPLACE "^harness/field/preload/(python|script|sqlite)$" "harness/field/preload" used "${used}")
      if(NOT used IN_LIST below)
        message(FATAL_ERROR "${file}: ${include}: room ${name} does not depend on ${used}")
      endif()
    endforeach()
  endforeach()
endfunction()

# A room is one folder of harness/, the library `walsoak_<room>`; a folder of tests/ has its tests. In unity builds the
# rooms of one group (base, model, ...) are compiled as one unit: each would parse and instantiate the same again. So two
# local helpers of one name in a group are always an error there. walsoak_arrows() checks in every build that a room
# includes only the rooms that it names.
# walsoak_room(<room> SOURCES a.cc ... DEPS lib ...): sets `compiled`, the target to give private options to.
function(walsoak_room room)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  walsoak_arrows(${room} DEPS ${ARG_DEPS})
  set(compiled walsoak_${room})
  if(CMAKE_UNITY_BUILD AND walsoak_group)
    set(compiled walsoak_group_${walsoak_group})
    add_library(walsoak_${room} INTERFACE)
    target_link_libraries(walsoak_${room} INTERFACE ${compiled})
  endif()
  set(compiled ${compiled} PARENT_SCOPE)
  set_property(GLOBAL PROPERTY compiled_walsoak_${room} ${compiled})
  if(NOT TARGET ${compiled})
    add_library(${compiled} STATIC)
    target_include_directories(${compiled} PUBLIC ${PROJECT_SOURCE_DIR})
    target_link_libraries(${compiled} PRIVATE fmt::fmt)
    target_precompile_headers(${compiled} REUSE_FROM walsoak_pch)
    set_target_properties(${compiled} PROPERTIES UNITY_BUILD_BATCH_SIZE 0)
  endif()
  list(TRANSFORM ARG_SOURCES PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/ REGEX "^[^/]")
  target_sources(${compiled} PRIVATE ${ARG_SOURCES})
  foreach(dep ${ARG_DEPS})
    get_property(from GLOBAL PROPERTY compiled_${dep})
    if(NOT from STREQUAL compiled)
      target_link_libraries(${compiled} PUBLIC ${dep})
    endif()
  endforeach()
endfunction()

# walsoak_test(<name> SOURCES a_test.cc ... DEPS lib ...): one GoogleTest program and one ctest entry, which writes a JUnit
# file of its own: a process for each test takes three times as long. Tests are not optimised: they take longer to compile
# than to run.
function(walsoak_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  if(NOT TARGET walsoak_test_pch)
    walsoak_header_set(walsoak_test_pch DEPS fmt::fmt nlohmann_json::nlohmann_json Threads::Threads GTest::gmock GTest::gtest
                       HEADERS <gmock/gmock.h> <gtest/gtest.h> ${walsoak_headers} OPTIONS -O0)
  endif()
  add_executable(${name}_test ${ARG_SOURCES})
  target_link_libraries(${name}_test PRIVATE ${ARG_DEPS} fmt::fmt nlohmann_json::nlohmann_json GTest::gmock GTest::gtest_main)
  target_compile_options(${name}_test PRIVATE -O0)
  target_precompile_headers(${name}_test REUSE_FROM walsoak_test_pch)
  set_target_properties(${name}_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests UNITY_BUILD_BATCH_SIZE 0)
  add_test(NAME ${name}.all COMMAND ${name}_test --gtest_output=xml:${CMAKE_BINARY_DIR}/gtest/${name}.xml)
  set_tests_properties(${name}.all PROPERTIES TIMEOUT 1800)
endfunction()

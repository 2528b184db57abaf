# A room is one folder of harness/ built as a static library `walsoak_<room>`; a test program mirrors it.
# walsoak_room(<room> SOURCES a.cc ... DEPS lib ...)
function(walsoak_room room)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_library(walsoak_${room} STATIC ${ARG_SOURCES})
  target_include_directories(walsoak_${room} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(walsoak_${room} PUBLIC ${ARG_DEPS})
  walsoak_precompiled(walsoak_${room})
endfunction()

# One precompiled header for all: the JSON library costs more to parse than most files of the house.
add_library(walsoak_pch OBJECT ${PROJECT_SOURCE_DIR}/cmake/precompiled.cc)
target_precompile_headers(walsoak_pch PRIVATE <nlohmann/json.hpp> <fmt/format.h> <fmt/ranges.h> <map> <string> <vector>
                          <filesystem> <functional>)
target_link_libraries(walsoak_pch PRIVATE fmt::fmt nlohmann_json::nlohmann_json Threads::Threads)
function(walsoak_precompiled target)
  target_link_libraries(${target} PRIVATE fmt::fmt)  # the same definitions everywhere, or the header is of no use
  target_precompile_headers(${target} REUSE_FROM walsoak_pch)
endfunction()

# walsoak_test(<name> SOURCES a_test.cc ... DEPS lib ...): one GoogleTest program, one ctest entry a test.
function(walsoak_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name}_test ${ARG_SOURCES})
  target_link_libraries(${name}_test PRIVATE ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  walsoak_precompiled(${name}_test)
  set_target_properties(${name}_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  include(GoogleTest)
  gtest_discover_tests(${name}_test TEST_PREFIX "${name}." DISCOVERY_TIMEOUT 60)
endfunction()

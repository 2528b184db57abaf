# A room is one folder of harness/ built as a static library `walsoak_<room>`; a test program mirrors it.
# walsoak_room(<room> SOURCES a.cc ... DEPS lib ...)
function(walsoak_room room)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_library(walsoak_${room} STATIC ${ARG_SOURCES})
  target_include_directories(walsoak_${room} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(walsoak_${room} PUBLIC ${ARG_DEPS})
endfunction()

# walsoak_test(<name> SOURCES a_test.cc ... DEPS lib ...): one GoogleTest program, one ctest entry a test.
function(walsoak_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name}_test ${ARG_SOURCES})
  target_link_libraries(${name}_test PRIVATE ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  set_target_properties(${name}_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  include(GoogleTest)
  gtest_discover_tests(${name}_test TEST_PREFIX "${name}." DISCOVERY_TIMEOUT 60)
endfunction()

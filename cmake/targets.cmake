# What every target of ours shares, and one-line ways to declare them.
set(CSIM_SANITIZE "" CACHE STRING "Sanitizers to build with, as -fsanitize= takes them")

add_library(csim_options INTERFACE)
target_include_directories(csim_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_features(csim_options INTERFACE cxx_std_20)
target_compile_options(csim_options INTERFACE -Wall -Wextra -Wpedantic -Wnon-virtual-dtor -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports these inside standard and library headers when it inlines.
  target_compile_options(csim_options INTERFACE -fpch-preprocess -Wshadow=local -Wno-error=maybe-uninitialized -Wno-error=restrict
    -Wno-error=stringop-overflow -Wno-error=array-bounds -Wno-missing-field-initializers -Wno-error=dangling-pointer)
else()
  target_compile_options(csim_options INTERFACE -Wno-missing-field-initializers)
endif()
target_compile_definitions(csim_options INTERFACE BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
  BOOST_ASIO_NO_DEPRECATED CSIM_VERSION="${PROJECT_VERSION}")
if(CSIM_SANITIZE)
  target_compile_options(csim_options INTERFACE -fsanitize=${CSIM_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(csim_options INTERFACE -fsanitize=${CSIM_SANITIZE})
  if(CSIM_SANITIZE MATCHES thread)
    # Asio's fences; it takes no part in what is checked but for handing work over, under locks.
    target_compile_options(csim_options INTERFACE -Wno-tsan)
  endif()
endif()

# Most of a file's compile time goes into the same few headers: they are parsed once. `-DCSIM_PCH=OFF` shows whether every
# file includes what it uses.
option(CSIM_PCH "Precompile the headers that nearly every file includes" ON)
if(CSIM_PCH)
  file(WRITE ${CMAKE_BINARY_DIR}/precompiled.cpp "")
  add_library(csim_precompiled OBJECT ${CMAKE_BINARY_DIR}/precompiled.cpp)
  target_link_libraries(csim_precompiled PRIVATE csim_options nlohmann_json::nlohmann_json Boost::headers Threads::Threads)
  target_precompile_headers(csim_precompiled PRIVATE <algorithm> <array> <cassert> <chrono> <cstdint> <deque> <filesystem>
    <functional> <map> <memory> <optional> <set> <string> <string_view> <utility> <vector> <boost/describe.hpp>
    <boost/mp11.hpp> <boost/system/result.hpp> <nlohmann/json.hpp>)
endif()

function(csim_precompile target)
  if(CSIM_PCH)
    target_precompile_headers(${target} REUSE_FROM csim_precompiled)
  endif()
endfunction()

# csim_library(<folder> SOURCES … DEPENDS …): the static library csim_<folder>.
function(csim_library folder)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS" ${ARGN})
  add_library(csim_${folder} STATIC ${arg_SOURCES})
  target_link_libraries(csim_${folder} PUBLIC csim_options ${arg_DEPENDS})
  csim_precompile(csim_${folder})
endfunction()

# csim_program(<name> SOURCES … DEPENDS …): a program in bin/, installed with the manual page and the completion that
# it makes of its own option table.
function(csim_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE csim_options ${arg_DEPENDS})
  csim_precompile(${name})
  set(page ${CMAKE_BINARY_DIR}/share/${name}.1)
  set(completion ${CMAKE_BINARY_DIR}/share/${name}.bash)
  add_custom_command(OUTPUT ${page} ${completion}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/share
    COMMAND ${name} --man_page > ${page}
    COMMAND ${name} --bash_completion > ${completion}
    DEPENDS ${name} VERBATIM)
  add_custom_target(${name}-share ALL DEPENDS ${page} ${completion})
  install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  install(FILES ${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  install(FILES ${completion} DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME ${name})
endfunction()

# csim_test(<folder> SOURCES … DEPENDS …): one doctest program, test_<folder>, one CTest entry.
# A filter that matches no case fails instead of passing.
function(csim_test folder)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS;APART" ${ARGN})
  add_executable(test_${folder} ${CMAKE_SOURCE_DIR}/tests/support/main.cpp ${arg_SOURCES})
  target_link_libraries(test_${folder} PRIVATE csim_options doctest::doctest ${arg_DEPENDS})
  csim_precompile(test_${folder})
  target_compile_definitions(test_${folder} PRIVATE CSIM_SOURCE_DIR="${CMAKE_SOURCE_DIR}" CSIM_BIN_DIR="${CMAKE_BINARY_DIR}/bin")
  set(entries ${folder})
  foreach(suite ${arg_APART})
    list(APPEND entries ${folder}_${suite})
    list(APPEND apart ${folder}/${suite})
    add_test(NAME ${folder}_${suite} COMMAND test_${folder} --order-by=rand --no-path-filenames=true --test-suite=${folder}/${suite})
  endforeach()
  string(REPLACE ";" "," apart "${apart}")
  add_test(NAME ${folder} COMMAND test_${folder} --order-by=rand --no-path-filenames=true --test-suite-exclude=${apart})
  set_tests_properties(${entries} PROPERTIES FAIL_REGULAR_EXPRESSION "test cases: +0 " TIMEOUT 300)
endfunction()

# csim_bench(<name> SOURCES … DEPENDS …): a benchmark program bench_<name>, built on demand by `./dev bench <name>`.
function(csim_bench name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(bench_${name} EXCLUDE_FROM_ALL ${arg_SOURCES})
  target_link_libraries(bench_${name} PRIVATE csim_options ${arg_DEPENDS})
endfunction()

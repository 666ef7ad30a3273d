# A build of its own that counts field operations: everything a proof on the reference backend needs, compiled
# once more, because no object of it may meet one that does not count.
foreach(room hash poly protocol transcript codec constraints schedule verifier runtime backend prover)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/cpp/${room}/*.cpp)
  list(APPEND counting_sources ${sources})
endforeach()
file(GLOB reference CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/backends/reference/*.cpp)
list(APPEND counting_sources ${reference})
# No plugin is loaded, and vector kernels do not count.
list(FILTER counting_sources EXCLUDE REGEX "/(plugin|plugin_loader|registry|hash/kernels)\\.cpp$")
add_library(counting STATIC ${counting_sources})
target_include_directories(counting PUBLIC ${CMAKE_SOURCE_DIR}/cpp ${CMAKE_SOURCE_DIR}/cpp/include
                           ${CMAKE_SOURCE_DIR}/backends)
target_compile_definitions(counting PUBLIC OPENSWIRL_COUNT_WORK)
# Quick to compile rather than to run: the options of the rooms would optimise more.
target_compile_options(counting PRIVATE -Wall -Wextra -Werror $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>
                       $<$<NOT:$<CONFIG:Debug>>:-O1>)
target_link_libraries(counting PUBLIC openswirl_sanitizers Threads::Threads)
openswirl_test(work counted_work/work_test.cpp)
target_compile_options(work_test PRIVATE $<$<NOT:$<CONFIG:Debug>>:-O1>)
target_link_libraries(work_test PRIVATE counting)
target_compile_definitions(work_test PRIVATE OPENSWIRL_COUNTS="${CMAKE_CURRENT_LIST_DIR}/counts.tsv")

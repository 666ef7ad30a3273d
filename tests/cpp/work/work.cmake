# A build of its own that counts field operations: everything a proof on the reference backend needs, compiled
# once more, because no object of it may meet one that does not count.
foreach(room hash poly protocol transcript codec constraints schedule verifier runtime backend prover)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/cpp/${room}/*.cpp)
  list(APPEND counting_sources ${sources})
endforeach()
file(GLOB reference CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/backends/reference/*.cpp)
list(FILTER reference EXCLUDE REGEX "plugin\\.cpp$")
add_library(counting STATIC ${counting_sources} ${reference})
target_include_directories(counting PUBLIC ${CMAKE_SOURCE_DIR}/backends)
target_link_libraries(counting PUBLIC openswirl_options)
target_compile_definitions(counting PUBLIC OPENSWIRL_COUNT_WORK)
# Quick to compile rather than to run: headers are most of it, so all sources are one.
set_target_properties(counting PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 0)
target_compile_options(counting PRIVATE $<$<NOT:$<CONFIG:Debug>>:-O1>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Types of unnamed namespaces do not meet others here: there is one translation unit.
  target_compile_options(counting PRIVATE -Wno-subobject-linkage)
endif()
openswirl_test(work work/work_test.cpp)
target_link_libraries(work_test PRIVATE counting)
target_compile_definitions(work_test PRIVATE OPENSWIRL_COUNTS="${CMAKE_CURRENT_LIST_DIR}/counts.tsv")

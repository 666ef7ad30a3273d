# backends/metal, unmodified, against the fake Metal device: an object library openswirl_metal_on_fake. It needs the
# headers of metal-cpp and a compiler that knows blocks; where that is not the build's own, OPENSWIRL_BLOCKS_COMPILER
# is one whose objects link with it.

set(OPENSWIRL_BLOCKS_COMPILER "" CACHE STRING "Command of a clang, such as python;-m;ziglang;c++")
set(fake_metal ${CMAKE_SOURCE_DIR}/tests/fake_metal)

# Where the build's compiler has the standard library, for another compiler.
function(openswirl_standard_library_folders result)
  execute_process(COMMAND ${CMAKE_CXX_COMPILER} -E -x c++ -v /dev/null OUTPUT_QUIET ERROR_VARIABLE text
                  COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCHALL "\n /[^\n]*c\\+\\+[^\n]*" folders "${text}")
  list(TRANSFORM folders STRIP)
  list(TRANSFORM folders PREPEND -I)
  set(${result} ${folders} PARENT_SCOPE)
endfunction()

# GoogleTest is included as ours: what is a system folder to the build would come behind those of the compiler.
# openswirl_compile_with_blocks(objects target source ...): the sources with the includes of the target.
function(openswirl_compile_with_blocks objects target)
  openswirl_standard_library_folders(standard_library)
  # For the runtime of the build's own sanitizers, whose ThreadSanitizer needs tsan_memory.cpp. Past the driver, which
  # drops AddressSanitizer and would bring a standard library with ThreadSanitizer, and knows no groups of checks then.
  set(instrumentation)
  if(OPENSWIRL_SANITIZE STREQUAL "thread")
    set(instrumentation -Xclang -fsanitize=thread)
  elseif(OPENSWIRL_SANITIZE)
    set(undefined alignment,array-bounds,bool,builtin,enum,integer-divide-by-zero,nonnull-attribute,null,pointer-overflow
                  return,returns-nonnull-attribute,shift-base,shift-exponent,signed-integer-overflow,unreachable)
    list(JOIN undefined "," undefined)
    set(instrumentation -Xclang -fsanitize=address -Xclang -fsanitize=${undefined})
  endif()
  set(compiled)
  foreach(source ${ARGN})
    file(RELATIVE_PATH name ${CMAKE_SOURCE_DIR} ${source})
    set(object ${CMAKE_CURRENT_BINARY_DIR}/with_blocks/${name}.o)
    get_filename_component(folder ${object} DIRECTORY)
    file(MAKE_DIRECTORY ${folder})
    set(includes "$<TARGET_PROPERTY:${target},INCLUDE_DIRECTORIES>")
    set(options "$<FILTER:$<TARGET_PROPERTY:${target},COMPILE_OPTIONS>,EXCLUDE,semantic-interposition|subobject-linkage|sanitize>")
    add_custom_command(
      OUTPUT ${object}
      COMMAND ${OPENSWIRL_BLOCKS_COMPILER} -mcpu=baseline -nostdinc++ ${standard_library} -std=c++20 -fblocks -fPIC -O1 -g1
              -fno-sanitize=all ${instrumentation} "${options}" -fvisibility=hidden -DMETALCPP_SYMBOL_VISIBILITY_HIDDEN
              -isystem ${fake_metal}/headers/linux -isystem ${fake_metal}/headers/apple
              -isystem ${OPENSWIRL_METAL_CPP} -Wno-character-conversion "-I$<JOIN:${includes},;-I>" -MD -MF ${object}.d -c ${source} -o ${object}
      DEPENDS ${source} openswirl_build_id openswirl_kernel_tables
      DEPFILE ${object}.d COMMAND_EXPAND_LISTS VERBATIM)
    list(APPEND compiled ${object})
  endforeach()
  set(${objects} ${compiled} PARENT_SCOPE)
endfunction()

# openswirl_use_metal_cpp(target source ...): adds sources that need metal-cpp to the target.
function(openswirl_use_metal_cpp target)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    openswirl_compile_with_blocks(objects ${target} ${ARGN})
    target_sources(${target} PRIVATE ${objects})
    return()
  endif()
  target_sources(${target} PRIVATE ${ARGN})
  set_source_files_properties(${ARGN} PROPERTIES COMPILE_OPTIONS "-fblocks;-fvisibility=hidden"
                              COMPILE_DEFINITIONS METALCPP_SYMBOL_VISIBILITY_HIDDEN)
  target_include_directories(${target} SYSTEM PRIVATE ${fake_metal}/headers/linux ${fake_metal}/headers/apple
                             ${OPENSWIRL_METAL_CPP})
endfunction()

file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/backends/metal/*.cpp)
list(FILTER sources EXCLUDE REGEX "/(plugin|missing)\\.cpp$")
file(GLOB fake_sources CONFIGURE_DEPENDS ${fake_metal}/*.cpp)
if(NOT (CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND OPENSWIRL_SANITIZE STREQUAL "thread"))
  list(REMOVE_ITEM fake_sources ${fake_metal}/tsan_memory.cpp)
endif()
add_library(openswirl_metal_on_fake STATIC ${fake_sources})
set_target_properties(openswirl_metal_on_fake PROPERTIES OPENSWIRL_QUICK_TO_COMPILE ON)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND OPENSWIRL_SANITIZE)
  # Instrumented, <regex> looks to it as if it read what was never set.
  set_source_files_properties(${fake_metal}/code.cpp PROPERTIES COMPILE_OPTIONS -Wno-maybe-uninitialized)
endif()
target_include_directories(openswirl_metal_on_fake PUBLIC ${fake_metal} PRIVATE ${CMAKE_SOURCE_DIR})
target_compile_definitions(openswirl_metal_on_fake PRIVATE OPENSWIRL_HOST_COMPILE="${host_compile}")
target_include_directories(openswirl_metal_on_fake SYSTEM PRIVATE ${fake_metal}/headers/linux)
target_link_libraries(openswirl_metal_on_fake PUBLIC openswirl_sim_runtime openswirl_gpu_contract)
openswirl_use_metal_cpp(openswirl_metal_on_fake ${sources})

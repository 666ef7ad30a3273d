# The Metal backend. On Apple silicon it needs the headers of metal-cpp; elsewhere the plugin only says why there is no
# Metal.

set(OPENSWIRL_METAL_CPP "" CACHE PATH "Folder of the metal-cpp headers (tools/metal_cpp.py unpacks them)")
file(GLOB metal_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/backends/metal/*.cpp)
set(missing_metal ${CMAKE_SOURCE_DIR}/backends/metal/missing.cpp)
list(REMOVE_ITEM metal_sources ${missing_metal})
# Its macros come before every other include of metal-cpp.
set_source_files_properties(${CMAKE_SOURCE_DIR}/backends/metal/metal_cpp.cpp PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)

if(APPLE AND CMAKE_SYSTEM_PROCESSOR STREQUAL "arm64")
  if(NOT OPENSWIRL_METAL_CPP)
    # The build requirement mlx-metal, of which nothing else is used; looked for where Python imports from, which in an
    # isolated build is not where its environment's packages are.
    execute_process(COMMAND ${Python_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tools/metal_cpp.py --installed
                    OUTPUT_STRIP_TRAILING_WHITESPACE OUTPUT_VARIABLE metal_cpp COMMAND_ERROR_IS_FATAL ANY)
    set(OPENSWIRL_METAL_CPP ${metal_cpp})
  endif()
  if(NOT EXISTS ${OPENSWIRL_METAL_CPP}/Metal/Metal.hpp)
    message(FATAL_ERROR "no metal-cpp in ${OPENSWIRL_METAL_CPP}; run\n"
                        "  python ${CMAKE_SOURCE_DIR}/tools/metal_cpp.py FOLDER\n"
                        "and set OPENSWIRL_METAL_CPP to that folder")
  endif()
  add_library(openswirl_metal_objects OBJECT ${metal_sources})
  target_include_directories(openswirl_metal_objects SYSTEM PRIVATE ${OPENSWIRL_METAL_CPP})
  target_link_libraries(openswirl_metal_objects PUBLIC openswirl_gpu)
  # Hidden: another library of the process may carry its own metal-cpp.
  target_compile_definitions(openswirl_metal_objects PRIVATE METALCPP_SYMBOL_VISIBILITY_HIDDEN)
  set_target_properties(openswirl_metal_objects PROPERTIES CXX_VISIBILITY_PRESET hidden)
  add_library(openswirl_metal SHARED $<TARGET_OBJECTS:openswirl_metal_objects>)
  target_link_libraries(openswirl_metal PRIVATE openswirl_gpu openswirl)
  set_target_properties(openswirl_metal PROPERTIES LINKER_LANGUAGE CXX)
  # Without CoreGraphics there is no default device.
  target_link_options(openswirl_metal PRIVATE "SHELL:-framework Metal" "SHELL:-framework Foundation"
                      "SHELL:-framework CoreGraphics" -lobjc)
else()
  add_library(openswirl_metal SHARED ${missing_metal})
  target_link_libraries(openswirl_metal PRIVATE openswirl)
endif()
target_include_directories(openswirl_metal PRIVATE ${CMAKE_SOURCE_DIR}/backends)
set_target_properties(openswirl_metal PROPERTIES CXX_VISIBILITY_PRESET hidden PREFIX "lib" SUFFIX ".so")

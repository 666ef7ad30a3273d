# The GPU kernels: tables and sources made from metal/, the shared part of all GPU backends, and the emulator.

find_package(Python 3.10 COMPONENTS Interpreter REQUIRED)
set(metal ${CMAKE_SOURCE_DIR}/metal)
set(kernel_output ${CMAKE_BINARY_DIR}/generated/kernels)
file(GLOB kernel_texts CONFIGURE_DEPENDS ${metal}/kernels/*.metal)
file(GLOB kernel_headers CONFIGURE_DEPENDS ${metal}/include/*.h)
set(emulated_sources ${kernel_output}/sim/index.cpp)
foreach(text ${kernel_texts})
  get_filename_component(family ${text} NAME_WE)
  list(APPEND emulated_sources ${kernel_output}/sim/${family}.cpp)
endforeach()
# Each includes texts of kernels, which know no namespaces.
set_source_files_properties(${emulated_sources} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
add_custom_command(
  OUTPUT ${kernel_output}/gpu/kernels.h ${kernel_output}/gpu/kernel_tables.cpp ${kernel_output}/kernels.metal
         ${emulated_sources}
  COMMAND ${Python_EXECUTABLE} ${metal}/kernel_tables.py ${kernel_output}
  DEPENDS ${metal}/kernel_tables.py ${metal}/kernels.json ${kernel_texts} ${kernel_headers}
  VERBATIM)
add_custom_target(openswirl_kernel_tables DEPENDS ${kernel_output}/gpu/kernels.h)

# Static libraries without the core: a plugin links libopenswirl, a test the rooms it needs.
file(GLOB gpu_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/backends/gpu/*.cpp
     ${CMAKE_SOURCE_DIR}/backends/gpu/codegen/*.cpp)
# The contract of runtimes and what records commands for them: all that a runtime and its tests need.
set(contract_sources kernel_program.cpp pool.cpp recorder.cpp)
list(TRANSFORM contract_sources PREPEND ${CMAKE_SOURCE_DIR}/backends/gpu/)
list(REMOVE_ITEM gpu_sources ${contract_sources})
add_library(openswirl_gpu_contract STATIC ${contract_sources} ${kernel_output}/gpu/kernel_tables.cpp)
target_include_directories(openswirl_gpu_contract PUBLIC ${CMAKE_SOURCE_DIR}/backends ${kernel_output})
add_library(openswirl_gpu STATIC ${gpu_sources})
target_link_libraries(openswirl_gpu PUBLIC openswirl_gpu_contract)

file(GLOB sim_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/backends/sim/*.cpp)
list(FILTER sim_sources EXCLUDE REGEX "plugin\\.cpp$")
add_library(openswirl_sim_runtime STATIC ${sim_sources} ${emulated_sources})
set_target_properties(openswirl_sim_runtime PROPERTIES OPENSWIRL_RUNS_LONG ON)
# Programs that need the emulator alone do not link what makes a device of it.
set_source_files_properties(${CMAKE_SOURCE_DIR}/backends/sim/backend.cpp PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
target_include_directories(openswirl_sim_runtime PRIVATE ${metal}/include ${metal}/kernels)
target_link_libraries(openswirl_sim_runtime PUBLIC openswirl_gpu_contract)

# CUDA exists on Linux; its driver and its compiler are found when somebody asks for the device.
set(gpu_libraries openswirl_gpu_contract openswirl_gpu openswirl_sim_runtime)
if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
  file(GLOB cuda_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/backends/cuda/*.cpp)
  list(FILTER cuda_sources EXCLUDE REGEX "plugin\\.cpp$")
  add_library(openswirl_cuda_runtime STATIC ${cuda_sources})
  target_link_libraries(openswirl_cuda_runtime PUBLIC openswirl_gpu Threads::Threads ${CMAKE_DL_LIBS})
  list(APPEND gpu_libraries openswirl_cuda_runtime)
endif()

foreach(library ${gpu_libraries})
  target_link_libraries(${library} PUBLIC openswirl_options)
  set_target_properties(${library} PROPERTIES CXX_VISIBILITY_PRESET hidden)
  add_dependencies(${library} openswirl_kernel_tables)
endforeach()

# Plans only. Static for tests, which look at plans without a plugin.
file(GLOB null_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/backends/null/*.cpp)
list(FILTER null_sources EXCLUDE REGEX "plugin\\.cpp$")
add_library(openswirl_null_runtime STATIC ${null_sources})
target_link_libraries(openswirl_null_runtime PUBLIC openswirl_sim_runtime)
set_target_properties(openswirl_null_runtime PROPERTIES CXX_VISIBILITY_PRESET hidden)

foreach(backend sim null cuda)
  if(TARGET openswirl_${backend}_runtime)
    add_library(openswirl_${backend} SHARED ${CMAKE_SOURCE_DIR}/backends/${backend}/plugin.cpp)
    target_link_libraries(openswirl_${backend} PRIVATE openswirl_${backend}_runtime openswirl_gpu openswirl)
    set_target_properties(openswirl_${backend} PROPERTIES CXX_VISIBILITY_PRESET hidden PREFIX "lib" SUFFIX ".so")
    if(NOT APPLE)
      # What archives export stays inside the plugin: functions for kernels that tests load, and a standard
      # library where the compiler links that statically, which must not mix with another one of the process.
      target_link_options(openswirl_${backend} PRIVATE -Wl,--exclude-libs,ALL)
    endif()
  endif()
endforeach()

# Backend plugins: one shared library per folder of backends/, loaded at run time through the registry.

# openswirl_backend(name): libopenswirl_<name> from backends/<name>/*.cpp, linked to the core library. All but plugin.cpp is
# openswirl_<name>_objects, which tests compile in: without the core, of which they link the rooms that they need.
function(openswirl_backend name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/backends/${name}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "plugin\\.cpp$")
  add_library(openswirl_${name}_objects OBJECT ${sources})
  target_include_directories(openswirl_${name}_objects PUBLIC ${CMAKE_SOURCE_DIR}/backends)
  target_link_libraries(openswirl_${name}_objects PUBLIC openswirl_options)
  # Not MODULE: its Mach-O form, a bundle, is beyond some linkers, and a shared library loads just as well.
  add_library(openswirl_${name} SHARED ${CMAKE_SOURCE_DIR}/backends/${name}/plugin.cpp)
  target_link_libraries(openswirl_${name} PRIVATE openswirl_${name}_objects openswirl)
  set_target_properties(openswirl_${name}_objects openswirl_${name} PROPERTIES CXX_VISIBILITY_PRESET hidden)
  set_target_properties(openswirl_${name} PROPERTIES PREFIX "lib" SUFFIX ".so")
endfunction()

openswirl_backend(reference)
openswirl_backend(cpu)

# Lockstep wraps two opened devices, so the extension links it itself. It needs headers of the core only.
file(GLOB lockstep_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/backends/lockstep/*.cpp)
add_library(openswirl_lockstep STATIC ${lockstep_sources})
target_link_libraries(openswirl_lockstep PUBLIC openswirl_options)
target_include_directories(openswirl_lockstep PUBLIC ${CMAKE_SOURCE_DIR}/backends)

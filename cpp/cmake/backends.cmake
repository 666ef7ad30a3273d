# Backend plugins: one shared library per folder of backends/, loaded at run time through the registry.

# openswirl_backend(name): libopenswirl_<name> from backends/<name>/*.cpp, linked to the core library.
function(openswirl_backend name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/backends/${name}/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_library(openswirl_${name} MODULE ${sources})
  target_link_libraries(openswirl_${name} PRIVATE openswirl)
  target_include_directories(openswirl_${name} PRIVATE ${CMAKE_SOURCE_DIR}/backends)
  set_target_properties(openswirl_${name} PROPERTIES CXX_VISIBILITY_PRESET hidden PREFIX "lib")
endfunction()

openswirl_backend(reference)
openswirl_backend(cpu)
openswirl_backend(lockstep)

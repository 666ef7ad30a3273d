# CMake package of an installed openswirl, found with -Dopenswirl_DIR=$(python -m openswirl --cmake-dir).
# Gives the target openswirl::core and openswirl_add_plugin(name sources...): a backend plugin libopenswirl_<name>.

get_filename_component(openswirl_PACKAGE "${CMAKE_CURRENT_LIST_DIR}/.." ABSOLUTE)
file(GLOB openswirl_LIBRARY ${openswirl_PACKAGE}/lib/libopenswirl.so ${openswirl_PACKAGE}/lib/libopenswirl.dylib)
if(NOT openswirl_LIBRARY)
  set(openswirl_FOUND FALSE)
  set(openswirl_NOT_FOUND_MESSAGE "no libopenswirl in ${openswirl_PACKAGE}/lib")
  return()
endif()

if(NOT TARGET openswirl::core)
  add_library(openswirl::core SHARED IMPORTED)
  set_target_properties(openswirl::core PROPERTIES IMPORTED_LOCATION "${openswirl_LIBRARY}")
  if(APPLE)
    set_target_properties(openswirl::core PROPERTIES IMPORTED_SONAME "@rpath/libopenswirl.dylib")
  endif()
  target_include_directories(openswirl::core INTERFACE "${openswirl_PACKAGE}/include")
  target_compile_features(openswirl::core INTERFACE cxx_std_20)
endif()

function(openswirl_add_plugin name)
  # Not MODULE: its Mach-O form, a bundle, is beyond some linkers, and a shared library loads just as well.
  add_library(openswirl_${name} SHARED ${ARGN})
  # The process that loads the plugin has loaded the core already; the path serves tools that look at it alone.
  target_link_libraries(openswirl_${name} PRIVATE openswirl::core)
  set_target_properties(openswirl_${name} PROPERTIES PREFIX "lib" SUFFIX ".so" CXX_VISIBILITY_PRESET hidden
                        VISIBILITY_INLINES_HIDDEN ON)
endfunction()

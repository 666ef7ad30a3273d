# The Python extension and everything a wheel carries: core library, plugins, headers, CMake package, stubs.

find_package(Python 3.10 COMPONENTS Interpreter Development.Module REQUIRED)
execute_process(COMMAND ${Python_EXECUTABLE} -m nanobind --cmake_dir OUTPUT_STRIP_TRAILING_WHITESPACE
                OUTPUT_VARIABLE nanobind_DIR COMMAND_ERROR_IS_FATAL ANY)
find_package(nanobind 3.1 CONFIG REQUIRED)

# Split mode: the version-specific half of nanobind comes from the nanobind-backend package, so that one abi3
# extension serves every Python from 3.10 on.
file(GLOB binding_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/cpp/bindings/*.cpp)
nanobind_add_module(_core BACKEND_MODULE nanobind_backend NB_SUPPRESS_WARNINGS NOMINSIZE ${binding_sources})
target_link_libraries(_core PRIVATE openswirl openswirl_lockstep)
include(build_info)
add_dependencies(_core openswirl_build_info)

if(APPLE)
  set(origin "@loader_path")
else()
  set(origin "$ORIGIN")
endif()
set_target_properties(_core PROPERTIES INSTALL_RPATH "${origin}/lib")
install(TARGETS _core LIBRARY DESTINATION openswirl)
install(TARGETS openswirl LIBRARY DESTINATION openswirl/lib)
foreach(backend reference cpu sim null cuda metal)
  if(TARGET openswirl_${backend})
    set_target_properties(openswirl_${backend} PROPERTIES INSTALL_RPATH "${origin}/../lib")
    install(TARGETS openswirl_${backend} LIBRARY DESTINATION openswirl/backends)
  endif()
endforeach()

# What a third-party backend compiles against.
foreach(header ${OPENSWIRL_PUBLIC_HEADERS})
  file(RELATIVE_PATH name ${CMAKE_SOURCE_DIR}/cpp ${header})
  string(REGEX REPLACE "^include/" "" name ${name})
  get_filename_component(folder ${name} DIRECTORY)
  install(FILES ${header} DESTINATION openswirl/include/${folder})
endforeach()
install(FILES ${OPENSWIRL_GENERATED}/openswirl/build_id.h DESTINATION openswirl/include/openswirl)
install(FILES ${CMAKE_CURRENT_LIST_DIR}/openswirl-config.cmake DESTINATION openswirl/cmake)

nanobind_add_stub(_core_stub MODULE _core OUTPUT ${CMAKE_BINARY_DIR}/_core.pyi
                  PYTHON_PATH $<TARGET_FILE_DIR:_core> DEPENDS _core)
install(FILES ${CMAKE_BINARY_DIR}/_core.pyi DESTINATION openswirl)

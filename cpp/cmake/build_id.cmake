# openswirl/build_id.h: a hash over every public header. A plugin carries the value it was compiled with, so the
# loader refuses one that saw other headers.

set(OPENSWIRL_PUBLIC_ROOMS field poly hash protocol constraints runtime backend stages workers include)
set(globs "")
foreach(room ${OPENSWIRL_PUBLIC_ROOMS})
  list(APPEND globs ${CMAKE_SOURCE_DIR}/cpp/${room}/*.h)
endforeach()
file(GLOB_RECURSE OPENSWIRL_PUBLIC_HEADERS CONFIGURE_DEPENDS ${globs})

set(OPENSWIRL_GENERATED ${CMAKE_BINARY_DIR}/generated)
string(REPLACE ";" "\n" header_list "${OPENSWIRL_PUBLIC_HEADERS}")
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/public_headers.txt CONTENT "${header_list}")
add_custom_command(
  OUTPUT ${OPENSWIRL_GENERATED}/openswirl/build_id.h
  COMMAND ${CMAKE_COMMAND} -DHEADERS=${CMAKE_BINARY_DIR}/public_headers.txt -DROOT=${CMAKE_SOURCE_DIR}/cpp
          -DVERSION=${PROJECT_VERSION} -DOUTPUT=${OPENSWIRL_GENERATED}/openswirl/build_id.h
          -P ${CMAKE_CURRENT_LIST_DIR}/write_build_id.cmake
  DEPENDS ${OPENSWIRL_PUBLIC_HEADERS} ${CMAKE_BINARY_DIR}/public_headers.txt
          ${CMAKE_CURRENT_LIST_DIR}/write_build_id.cmake
  VERBATIM)
add_custom_target(openswirl_build_id DEPENDS ${OPENSWIRL_GENERATED}/openswirl/build_id.h)
target_include_directories(openswirl_options INTERFACE ${OPENSWIRL_GENERATED})
add_dependencies(openswirl_options openswirl_build_id)

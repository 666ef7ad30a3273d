# openswirl/build_info.h, for the extension alone: which source was built and how. Looked up in every build and
# rewritten only when it changes, so that a commit recompiles one file.

add_custom_target(openswirl_build_info
  COMMAND ${CMAKE_COMMAND} -DSOURCE=${CMAKE_SOURCE_DIR} -DBUILD_TYPE=$<CONFIG>
          "-DCOMPILER=${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}"
          -DOUTPUT=${OPENSWIRL_GENERATED}/openswirl/build_info.h -P ${CMAKE_CURRENT_LIST_DIR}/write_build_info.cmake
  BYPRODUCTS ${OPENSWIRL_GENERATED}/openswirl/build_info.h
  VERBATIM)

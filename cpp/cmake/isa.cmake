# The kernel translation units of cpp/stages/isa, each with the flags of its instruction set.

set(isa_folder ${CMAKE_SOURCE_DIR}/cpp/stages/isa)
set(isa_sources ${isa_folder}/scalar.cpp)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
  list(APPEND isa_sources ${isa_folder}/avx2.cpp ${isa_folder}/avx512.cpp ${isa_folder}/avx512ifma.cpp)
  set_source_files_properties(${isa_folder}/avx2.cpp PROPERTIES COMPILE_OPTIONS "-mavx2")
  set(avx512_flags -mavx2 -mavx512f -mavx512dq -mavx512bw -mavx512vl)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC's own headers start their masked forms from an undefined register and warn about it.
    list(APPEND avx512_flags -Wno-maybe-uninitialized -Wno-uninitialized)
  endif()
  set_source_files_properties(${isa_folder}/avx512.cpp PROPERTIES COMPILE_OPTIONS "${avx512_flags}")
  set_source_files_properties(${isa_folder}/avx512ifma.cpp PROPERTIES COMPILE_OPTIONS "${avx512_flags};-mavx512ifma")
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64|ARM64)$")
  list(APPEND isa_sources ${isa_folder}/neon.cpp)
endif()
target_sources(room_stages PRIVATE ${isa_sources})

# The kernel translation units of cpp/hash/isa and cpp/stages/isa, each with the flags of its instruction set. A scalar
# one is there where the room has no other scalar code.

function(openswirl_isa_sources room)
  set(folder ${CMAKE_SOURCE_DIR}/cpp/${room}/isa)
  foreach(isa scalar ${ARGN})
    if(NOT EXISTS ${folder}/${isa}.cpp)
      continue()
    endif()
    target_sources(room_${room} PRIVATE ${folder}/${isa}.cpp)
    set(flags ${isa_flags_${isa}} ${isa_flags_sanitize})
    if(NOT isa STREQUAL "scalar")
      list(APPEND flags ${isa_flags_unrolled})
    endif()
    # On its own, also where other sources are merged: each defines the name of its instruction set.
    set_source_files_properties(${folder}/${isa}.cpp PROPERTIES COMPILE_OPTIONS "${flags}"
                                SKIP_UNITY_BUILD_INCLUSION ON)
  endforeach()
endfunction()

if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
  set(isas avx2 avx512 avx512ifma)
  set(isa_flags_avx2 -mavx2)
  set(isa_flags_avx512 -mavx2 -mavx512f -mavx512dq -mavx512bw -mavx512vl)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC's own headers start their masked forms from an undefined register and warn about it.
    list(APPEND isa_flags_avx512 -Wno-maybe-uninitialized -Wno-uninitialized)
  endif()
  set(isa_flags_avx512ifma ${isa_flags_avx512} -mavx512ifma)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64|ARM64)$")
  set(isas neon)
endif()
if(OPENSWIRL_SANITIZE AND NOT OPENSWIRL_SANITIZE STREQUAL "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # In unrolled kernels they take the compiler minutes: checks of memory, hence as calls; of alignment, which vector loads of
  # these kernels do not rely on; and of sums of pointers, whose results the checks of memory see where they are used. The
  # scalar kernels are checked for both.
  set(isa_flags_sanitize --param=asan-instrumentation-with-call-threshold=200)
  set(isa_flags_unrolled -fno-sanitize=alignment,pointer-overflow)
endif()
foreach(room hash stages)
  openswirl_isa_sources(${room} ${isas})
endforeach()

# Fails if an object of cpp/hash/isa or cpp/stages/isa defines a global symbol other than its kernel table: the linker could pick
# that copy, compiled for a wider instruction set, for callers on every machine.
# Run with -DNM=... -DOBJECTS="a.o;b.o".
foreach(object ${OBJECTS})
  if(NOT object MATCHES "/isa/")
    continue()
  endif()
  execute_process(COMMAND ${NM} -g --defined-only ${object} OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCHALL "[^\n]+" lines "${symbols}")
  list(FILTER lines EXCLUDE REGEX "kKernels|kHashKernels|poseidon2_constants|DW.ref|__gxx_personality|:$")
  if(lines)
    message(FATAL_ERROR "${object} defines ${lines}")
  endif()
  math(EXPR checked "${checked} + 1")
endforeach()
if(NOT checked)
  message(FATAL_ERROR "no kernel object among ${OBJECTS}")
endif()

# One static library per room of cpp/, linked only to the rooms it may include. Options of a single target are properties,
# which those of all targets look at: options of its own would stand before them, and those of its sources keep these from
# being merged where CMAKE_UNITY_BUILD asks for that.

add_library(openswirl_options INTERFACE)
target_include_directories(openswirl_options INTERFACE ${CMAKE_SOURCE_DIR}/cpp ${CMAKE_SOURCE_DIR}/cpp/include)
target_compile_options(openswirl_options INTERFACE -Wall -Wextra -Werror -fvisibility-inlines-hidden
                       $<$<NOT:$<CONFIG:Debug>>:$<IF:$<BOOL:$<TARGET_PROPERTY:OPENSWIRL_QUICK_TO_COMPILE>>,-O1,-O3>>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Merged sources are headers to g++, which warns of unnamed namespaces there.
  target_compile_options(openswirl_options INTERFACE -fno-semantic-interposition
                         $<$<BOOL:$<TARGET_PROPERTY:UNITY_BUILD>>:-Wno-subobject-linkage>)
endif()
# Apart from the options above, for code that is not ours.
add_library(openswirl_sanitizers INTERFACE)
if(OPENSWIRL_SANITIZE STREQUAL "thread")
  target_compile_options(openswirl_sanitizers INTERFACE -O1 -fsanitize=thread -fno-omit-frame-pointer)
  target_link_options(openswirl_sanitizers INTERFACE -fsanitize=thread)
elseif(OPENSWIRL_SANITIZE)
  # Null pointers and the ends of objects are seen by the checks of memory.
  # -Og takes g++ two thirds of the time of -O1.
  target_compile_options(openswirl_sanitizers INTERFACE $<IF:$<BOOL:$<TARGET_PROPERTY:OPENSWIRL_RUNS_LONG>>,-O1,-Og>
                         -fsanitize=address,undefined
                         -fno-sanitize=null,object-size -fno-sanitize-recover=all -fno-omit-frame-pointer
                         $<$<BOOL:$<TARGET_PROPERTY:OPENSWIRL_MEMORY_CHECKS_ALONE>>:-fno-sanitize=undefined>)
  target_link_options(openswirl_sanitizers INTERFACE -fsanitize=address,undefined)
endif()
target_link_libraries(openswirl_options INTERFACE openswirl_sanitizers Threads::Threads ${CMAKE_DL_LIBS})

set(OPENSWIRL_ROOMS "" CACHE INTERNAL "")

# openswirl_room(name [rooms it includes ...])
function(openswirl_room name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/cpp/${name}/*.cpp)
  if(NOT sources)
    add_library(room_${name} INTERFACE)
    target_link_libraries(room_${name} INTERFACE openswirl_options)
    foreach(dependency ${ARGN})
      target_link_libraries(room_${name} INTERFACE room_${dependency})
    endforeach()
    return()
  endif()
  add_library(room_${name} STATIC ${sources})
  target_link_libraries(room_${name} PUBLIC openswirl_options)
  foreach(dependency ${ARGN})
    target_link_libraries(room_${name} PUBLIC room_${dependency})
  endforeach()
  set(OPENSWIRL_ROOMS ${OPENSWIRL_ROOMS} ${name} CACHE INTERNAL "")
endfunction()

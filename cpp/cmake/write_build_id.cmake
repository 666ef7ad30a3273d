# Writes OUTPUT with the hash over the contents and relative names of the files listed in HEADERS.
file(STRINGS ${HEADERS} headers)
set(text "${VERSION}\n")
foreach(header ${headers})
  file(SHA256 ${header} hash)
  file(RELATIVE_PATH name ${ROOT} ${header})
  string(APPEND text "${name} ${hash}\n")
endforeach()
string(SHA256 id "${text}")
string(SUBSTRING ${id} 0 16 id)
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT
"// Generated: identifies the public headers that this build of the core comes with.
#pragma once

#define OPENSWIRL_VERSION \"${VERSION}\"
#define OPENSWIRL_BUILD_ID \"${id}\"
" @ONLY)

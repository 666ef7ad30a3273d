# Writes OUTPUT with the commit of SOURCE (empty outside a git checkout, -dirty with changes), BUILD_TYPE and COMPILER.
set(commit "")
find_program(git git)
if(git AND EXISTS ${SOURCE}/.git)
  execute_process(COMMAND ${git} -C ${SOURCE} describe --always --dirty --abbrev=40 --exclude=*
                  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT
"// Generated: which source this build is of, and how it was made.
#pragma once

#define OPENSWIRL_BUILD_COMMIT \"${commit}\"
#define OPENSWIRL_BUILD_TYPE \"${BUILD_TYPE}\"
#define OPENSWIRL_BUILD_COMPILER \"${COMPILER}\"
" @ONLY)

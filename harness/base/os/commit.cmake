# Writes the header OUTPUT with the commit of the sources in SOURCE, "-dirty" where tracked files differ from it
# and "unknown" outside a git checkout. Runs at every build: a commit noted at configure time would soon be false.
cmake_minimum_required(VERSION 3.23)
set(commit "unknown")
# A source tree unpacked inside somebody else's repository must not take that one's commit for its own.
if(EXISTS ${SOURCE}/.git)
  execute_process(COMMAND git -C ${SOURCE} describe --always --abbrev=12 --exclude=*
                  OUTPUT_VARIABLE described OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  # What walsoak writes into reports/ makes no other program of it.
  execute_process(COMMAND git -C ${SOURCE} diff --quiet HEAD -- . :(exclude)reports ERROR_QUIET RESULT_VARIABLE differs)
  if(NOT failed AND described)
    set(commit "${described}")
    if(differs EQUAL 1)
      string(APPEND commit "-dirty")
    endif()
  endif()
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "#pragma once\n#define WALSOAK_COMMIT \"@commit@\"\n" @ONLY)

# Runs one preset from nothing and fails unless every figure in its file is reproduced.
#   cmake -DPROGRAM=... -DSPECS=... -DPRESET=... -DFOLDER=... -P reproduce.cmake
file(REMOVE_RECURSE ${FOLDER})
set(ENV{GROKSCOPE_SPECS} ${SPECS})
execute_process(COMMAND ${PROGRAM} reproduce ${PRESET} --check --out ${FOLDER} RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${PRESET}: a figure was not reproduced")
endif()

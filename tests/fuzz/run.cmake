# SPDX-License-Identifier: MIT
# Runs a fuzz target. NAME, PROGRAM, SEEDS (a folder), MAX_LEN, RUNS, SEED; WORK: a folder for what it finds, begun anew if FRESH.
if(FRESH)
  file(REMOVE_RECURSE "${WORK}")
endif()
file(MAKE_DIRECTORY "${WORK}/corpus" "${SEEDS}")
execute_process(
  COMMAND "${PROGRAM}" -runs=${RUNS} -seed=${SEED} -max_len=${MAX_LEN} -timeout=10 -detect_leaks=0 -print_final_stats=1
          "-artifact_prefix=${WORK}/" "${WORK}/corpus" "${SEEDS}"
  RESULT_VARIABLE result OUTPUT_QUIET ERROR_FILE "${WORK}/log")
file(STRINGS "${WORK}/log" stats REGEX "^stat::|^Done ")
if(NOT "${result}" STREQUAL "0")
  file(READ "${WORK}/log" log)
  string(LENGTH "${log}" length)
  if(length GREATER 6000)
    math(EXPR from "${length} - 6000")
    string(SUBSTRING "${log}" ${from} -1 log)
  endif()
  message(FATAL_ERROR "${NAME}: ${result}\n${log}\nThe input lies in ${WORK}")
endif()
list(JOIN stats "\n" stats)
message("${NAME}\n${stats}")

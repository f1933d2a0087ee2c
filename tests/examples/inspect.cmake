# SPDX-License-Identifier: MIT
# weir-inspect: what it prints, its exit codes, files and streams. INSPECT: the program.
# WORK: a folder to write to.
set(ENV{LC_ALL} C)
file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")

# inspect(CODE text arguments...): its exit code, and what its output must have, on stderr if the code is 2.
function(inspect code expected)
  execute_process(COMMAND "${INSPECT}" ${ARGN} INPUT_FILE /dev/null
    RESULT_VARIABLE result OUTPUT_VARIABLE out ERROR_VARIABLE errors TIMEOUT 20)
  if("${code}" STREQUAL "2")
    set(right "${errors}")
    if(NOT "${out}" STREQUAL "" OR NOT "${errors}" MATCHES "^weir-inspect: [^\n]+\n$")
      set(result "not one line on stderr, ${result}")
    endif()
  else()
    set(right "${out}")
    if(NOT "${errors}" STREQUAL "")
      set(result "stderr, ${result}")
    endif()
  endif()
  string(FIND "${right}" "${expected}" at)
  if(NOT "${result}" STREQUAL "${code}" OR at EQUAL -1)
    message(SEND_ERROR "weir-inspect ${ARGN}\nmust exit with ${code} and say\n${expected}\nexit ${result}\n${out}${errors}")
  endif()
  set(out "${out}" PARENT_SCOPE)
endfunction()

function(expect_json path value)
  string(JSON got GET "${out}" ${path})
  if(NOT got STREQUAL value)
    message(SEND_ERROR "${path} is ${got}, not ${value}:\n${out}")
  endif()
endfunction()

# A whole report, word for word.
set(update "11 ef be 7f ff ff ff 05 02 00 3f 05 97 7a 3e 06 55")
inspect(0 "17 bytes: good
  kind                     update
  fingerprint              0xbeef
  rank                     127
  sequence                 65535
  round                    255

  part                     bytes
  header                   8
  parameter and start      1
  magnitude                2
  positions                1.500
  values                   0.375
  padding                  0.125
  check                    4

  coordinates              3 of 1210 weights, density 0.2479 %
  values                   2 above 0, 1 below, 0 zero; magnitudes: mean 0.5, largest 0.5
  bits to a position       4.00; 10.10 is the entropy, were all weights alike
  Rice parameters          2 (3); escapes: 0

  gaps                     coordinates
  0                                  1 ########################################
  1                                  0
  2-3                                0
  4-7                                1 ########################################
  8-15                               1 ########################################
" --hex "${update}" --encoder ternary --cells 1210)

# What it is not told it does not guess; the same bytes as integers are other values.
inspect(0 "(--encoder and --cells tell what it moves)" --hex ${update})
inspect(0 "mean 16128, largest 16128" --hex ${update} --encoder strom --cells 1210 --integer)
inspect(0 "counted already          1" --hex "1a 01 00 02 04 03 0d 01 00 ff ff 00 44 cd ab 21 43 ef be 06 05 e8 a6 a0" --ranks 1)

# Why a bad one is bad, and where.
inspect(1 "Bad at byte 12: coordinate 3 would stand behind the last weight: 9 are to be passed over, 9 are left." --hex ${update}
  --encoder ternary --cells 16)
inspect(1 "Bad at byte 9: the start is weight 1983 of 1210" --hex "11 ef be 03 02 01 04 06 22 bf 0f 00 3f 05 8e e7 87 83" --encoder ternary
  --cells 1210)
inspect(1 "bad (truncated)" --hex "11 ef be 7f ff ff ff 05 02 00 3f 05 97 7a 3e 06")
inspect(1 "Bad at byte 16: it is cut off: a body of 5 bytes and a check are announced, 8 bytes follow the header." --hex
  "11 ef be 7f ff ff ff 05 02 00 3f 05 97 7a 3e 06")
inspect(1 "Bad at byte 0: it speaks version 3 of the protocol, not 1." --hex 31efbe)
inspect(1 "Bad at byte 0: there is no kind 5." --hex 15efbe)
inspect(1 "Bad at byte 0: there is nothing.")
inspect(1 "Bad at byte 2: it ends inside the fingerprint." --hex 11ef)

# A body in segments; and one whose first length is beyond its end.
set(two "11 ef be 03 02 01 04 0a 04 02 a0 3f 86 03 a0 3f 06 fe 8d 8b 54 45")
inspect(0 "4 of 21 weights" --hex ${two} --encoder ternary --cells 21 --segments 2)
inspect(0 "Rice parameters          2 (2), 3 (2); escapes: 0" --hex ${two} --encoder ternary --cells 21 --segments 2)
inspect(1 "Bad at byte 8: the segments' lengths sum up to 9 bytes, and 6 follow." --hex
  "11 ef be 03 02 01 04 07 09 02 a0 3f 86 03 a0 da 51 47 1f" --encoder ternary --cells 21 --segments 2)
inspect(1 "in segment 0: " --hex ${two} --encoder ternary --cells 21 --segments 3)

# JSON: the same, in one line.
inspect(0 "" --hex ${update} --encoder ternary --cells 1210 --json)
expect_json("good" ON)
expect_json("size" 17)
expect_json("header;kind" update)
expect_json("parts;positions" 1.5)
expect_json("coordinates;count" 3)
expect_json("coordinates;gaps;4-7" 1)
expect_json("coordinates;parameters;0;l" 2)
inspect(1 "" --hex ${update} --encoder sparse32 --cells 1210 --json)
expect_json("status" malformed)
expect_json("fault;offset" 9)

# A file, standard input, and a stream of three with noise between.
execute_process(COMMAND printf "\\x11\\xef\\xbe\\x03\\x02\\x01\\x04\\x00\\xe9\\x7f\\x38\\xec" OUTPUT_FILE "${WORK}/frame" COMMAND_ERROR_IS_FATAL ANY)
inspect(0 "12 bytes: good" "${WORK}/frame")
execute_process(COMMAND "${INSPECT}" - INPUT_FILE "${WORK}/frame" OUTPUT_VARIABLE out COMMAND_ERROR_IS_FATAL ANY)
set(line "\\x08\\x11\\xef\\xbe\\x03\\x02\\x01\\x04\\x05\\xe9\\x7f\\x38\\xec\\x00")
execute_process(COMMAND printf "${line}${line}\\x09\\x01\\x00${line}\\x02" OUTPUT_FILE "${WORK}/stream" COMMAND_ERROR_IS_FATAL ANY)
inspect(1 "2 bytes from byte 28 on: bad (damaged)" --cobs "${WORK}/stream")
inspect(1 "12 bytes from byte 31 on: good" --cobs "${WORK}/stream")
inspect(1 "1 bytes from byte 45 on: bad (damaged)" --cobs "${WORK}/stream")
execute_process(COMMAND printf "${line}${line}" OUTPUT_FILE "${WORK}/stream" COMMAND_ERROR_IS_FATAL ANY)
inspect(0 "12 bytes from byte 14 on: good" --cobs "${WORK}/stream")

# Asked wrongly.
inspect(2 "cannot read ${WORK}/nowhere" "${WORK}/nowhere")
inspect(2 "no hexadecimal digit" --hex 11xy)
inspect(2 "an odd number of digits" --hex 11e)
inspect(2 "FILE and --hex" "${WORK}/frame" --hex 11)
inspect(2 "there are ternary" --hex ${update} --encoder zip --cells 5)
inspect(2 "both or none" --hex ${update} --encoder ternary)
inspect(2 "both or none" --hex ${update} --cells 5)
inspect(2 "--cells" --hex ${update} --encoder ternary --cells 0)
inspect(2 "--ranks" --hex ${update} --ranks 16385)
inspect(2 "--segments" --hex ${update} --segments 0)
inspect(2 "--integer" --hex ${update} --integer)
inspect(2 "not expected" --hex ${update} --quick)
inspect(0 "Exits with 1" --help)

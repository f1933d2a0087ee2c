# SPDX-License-Identifier: MIT
# cmake -P cmake/size_report.cmake: what a whole node (tests/conf/node.cpp) takes on each target, as a table for README.md.
# In float the net does not fit an ATmega2560's RAM. Flash is code and constants, the C library's parts included; the chip's start-up code is not.
cmake_minimum_required(VERSION 3.25)
cmake_path(GET CMAKE_CURRENT_LIST_DIR PARENT_PATH root)

set(common -std=gnu++11 -Os -ffunction-sections -fdata-sections -fno-exceptions -fno-threadsafe-statics -fno-rtti -Wl,--gc-sections
  "-I${root}/include" "${root}/tests/conf/node.cpp")
set(bare -nostartfiles -Wl,-e,main -Wl,--no-warn-rwx-segments)
set(arm ${bare} -nostdinc++ --specs=nosys.specs -mthumb)

set(work "$ENV{TMPDIR}")
if(NOT work)
  set(work /tmp)
endif()
string(APPEND work /weir_size_report)

function(run)
  execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE output ERROR_VARIABLE errors RESULT_VARIABLE result)
  if(NOT "${result}" STREQUAL "0")
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\n${errors}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

# report(name prefix numbers flags...): one line of the table for each kind of numbers
function(report name prefix numbers)
  foreach(number IN LISTS numbers)
    set(compile ${prefix}gcc "-DWEIR_SIZE_NUMBER=${number}" ${ARGN} ${common})
    run(${compile} -DWEIR_SIZE_SYMBOL=0 -lm -o ${work}.elf)
    run(${prefix}size -B ${work}.elf)
    string(REGEX MATCH "\n *([0-9]+)[ \t]+([0-9]+)[ \t]+([0-9]+)" ignored "${output}")
    set(text ${CMAKE_MATCH_1})
    set(data ${CMAKE_MATCH_2})
    math(EXPR flash "${text} + ${data}")
    run(${compile} -DWEIR_SIZE_SYMBOL=1 -fno-lto -c -o ${work}.o)
    run(${prefix}nm -S ${work}.o)
    string(REGEX MATCH "[0-9a-f]+ ([0-9a-f]+) [A-Za-z] weir_size_of_node" ignored "${output}")
    math(EXPR node "0x${CMAKE_MATCH_1}")
    message("| ${name} | `${number}` | ${flash} | ${data} | ${node} |")
  endforeach()
endfunction()

message("| target | numbers | flash, bytes | of it `.data` | `sizeof(worker)` |\n|---|---|---|---|---|")
set(both "weir::fixed16<12>;float")
report("ATmega2560" avr- "weir::fixed16<12>" -mmcu=atmega2560 -fpermissive -flto)
report("Cortex-M0" arm-none-eabi- "${both}" -mcpu=cortex-m0 ${arm})
report("Cortex-M4" arm-none-eabi- "${both}" -mcpu=cortex-m4 -mfloat-abi=hard -mfpu=fpv4-sp-d16 ${arm})
report("RV32IMAC" riscv64-unknown-elf- "${both}"
 --specs=picolibc.specs -march=rv32imac -mabi=ilp32 ${bare} -nostdinc++)

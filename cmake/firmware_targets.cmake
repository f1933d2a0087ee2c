# SPDX-License-Identifier: MIT
# The machines that firmware is built for: compiler, flags, board, and how the emulator is called. One place for the build,
# the tests and the reports; a script (cmake -P) may include it too.
#
# WEIR_FIRMWARE_TARGETS   all of them
# and for each target T:
#   WEIR_FIRMWARE_T_COMPILER   compiler driver
#   WEIR_FIRMWARE_T_TOOLS      prefix of nm and size
#   WEIR_FIRMWARE_T_FLAGS      compiler flags; link flags are in _LINK
#   WEIR_FIRMWARE_T_BOARD      sources in examples/firmware/board/
#   WEIR_FIRMWARE_T_RUN        emulator command line, to be followed by the ELF; empty: there is none
# UART0 or its like is the emulator's stdin and stdout, and its exit code is what the program gave to board::stop.
include_guard()
cmake_path(GET CMAKE_CURRENT_LIST_DIR PARENT_PATH WEIR_FIRMWARE_ROOT)
set(WEIR_FIRMWARE_TARGETS "")

# As the stock Arduino cores have them, and no contraction of floating-point: the same numbers on every machine.
set(WEIR_FIRMWARE_COMMON -std=gnu++11 -Os -ffunction-sections -fdata-sections -fno-exceptions -fno-rtti
  -fno-threadsafe-statics -ffp-contract=off)

function(weir_firmware_target name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "COMPILER;TOOLS" "FLAGS;LINK;BOARD;RUN")
  if(DEFINED arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "weir: weir_firmware_target(${name}): `${arg_UNPARSED_ARGUMENTS}`?")
  endif()
  foreach(what IN ITEMS COMPILER TOOLS FLAGS LINK BOARD RUN)
    set(WEIR_FIRMWARE_${name}_${what} "${arg_${what}}" PARENT_SCOPE)
  endforeach()
  set(WEIR_FIRMWARE_TARGETS ${WEIR_FIRMWARE_TARGETS} ${name} PARENT_SCOPE)
endfunction()

# ---- AVR: -mrelax and -mcall-prologues take 500 bytes off a node and two percent off its speed, -fno-move-loop-invariants
# another 100. avr-gcc 5 sees a conversion in every `u8 += u8`, a promotion in avr-libc's expf, and what is set through a
# reference as not set -------------------------------------------------------------------------------------------------
foreach(mcu IN ITEMS atmega2560 atmega328p)
  weir_firmware_target(${mcu}
    COMPILER avr-g++ TOOLS avr-
    FLAGS -mmcu=${mcu} ${WEIR_FIRMWARE_COMMON} -flto -mrelax -mcall-prologues
      -fno-move-loop-invariants -DF_CPU=16000000UL -Wno-conversion -Wno-double-promotion -Wno-maybe-uninitialized
    LINK -lm
    BOARD atmega.cpp
    RUN simavr_run --mcu ${mcu} --frequency 16000000)
endforeach()

# ---- ARM: without the C++ library; of the C library only what is called ------------------------------------------------
set(bare -flto -nostdinc++ -nostartfiles)
set(bare_link -nostdlib -Wl,--no-warn-rwx-segments -Wl,--start-group -lc -lm -lgcc -Wl,--end-group)
set(qemu -display none -monitor none -serial stdio)

function(weir_firmware_cortex name origin flash_kb ram_kb)
  cmake_parse_arguments(PARSE_ARGV 4 arg "" "MACHINE" "CPU;DEFINES;BOARD")
  if(NOT arg_MACHINE)
    set(arg_MACHINE ${name})
  endif()
  weir_firmware_target(${name}
    COMPILER arm-none-eabi-g++ TOOLS arm-none-eabi-
    FLAGS ${arg_CPU} -mthumb ${WEIR_FIRMWARE_COMMON} ${bare} ${arg_DEFINES}
    LINK -Wl,--defsym=board_flash_origin=${origin} -Wl,--defsym=board_flash_size=${flash_kb}*1024
      -Wl,--defsym=board_ram_size=${ram_kb}*1024 -Wl,--defsym=board_stack_least=1024
      -T "${WEIR_FIRMWARE_ROOT}/examples/firmware/board/cortex_m.ld" ${bare_link}
    BOARD cortex_m.cpp ${arg_BOARD}
    RUN qemu-system-arm -M ${arg_MACHINE} ${qemu} -semihosting-config enable=on,target=native -kernel)
  foreach(what IN ITEMS COMPILER TOOLS FLAGS LINK BOARD RUN)
    set(WEIR_FIRMWARE_${name}_${what} "${WEIR_FIRMWARE_${name}_${what}}" PARENT_SCOPE)
  endforeach()
  set(WEIR_FIRMWARE_TARGETS "${WEIR_FIRMWARE_TARGETS}" PARENT_SCOPE)
endfunction()

# The clocks are those of the emulated machines. (A real STM32F1 or F2 starts at 8 or 16 MHz.)
weir_firmware_cortex(microbit 0x00000000 256 16 CPU -mcpu=cortex-m0 BOARD nrf51.cpp)
weir_firmware_cortex(stm32vldiscovery 0x08000000 128 8 CPU -mcpu=cortex-m3 BOARD stm32.cpp
  DEFINES -DBOARD_USART=0x40013800 -DBOARD_CLOCK=24000000)
weir_firmware_cortex(netduino2 0x08000000 1024 128 CPU -mcpu=cortex-m3 BOARD stm32.cpp
  DEFINES -DBOARD_USART=0x40011000 -DBOARD_CLOCK=120000000)
weir_firmware_cortex(netduinoplus2 0x08000000 1024 128 BOARD stm32.cpp
  CPU -mcpu=cortex-m4 -mfloat-abi=hard -mfpu=fpv4-sp-d16 DEFINES -DBOARD_USART=0x40011000 -DBOARD_CLOCK=168000000)

# ---- RISC-V ------------------------------------------------------------------------------------------------------------
weir_firmware_target(riscv_virt
  COMPILER riscv64-unknown-elf-g++ TOOLS riscv64-unknown-elf-
  FLAGS --specs=picolibc.specs -march=rv32imac -misa-spec=2.2 -mabi=ilp32 ${WEIR_FIRMWARE_COMMON} ${bare}
  LINK -T "${WEIR_FIRMWARE_ROOT}/examples/firmware/board/riscv_virt.ld" ${bare_link}
  BOARD riscv_virt.cpp
  RUN qemu-system-riscv32 -M virt -bios none ${qemu} -kernel)

# ---- ESP8266: compiled, and linked with itself only. The package has no C library; the chip's own is a newlib ----------
weir_firmware_target(esp8266
  COMPILER xtensa-lx106-elf-g++ TOOLS xtensa-lx106-elf-
  FLAGS ${WEIR_FIRMWARE_COMMON} -nostdinc++ -isystem /usr/include/newlib
  LINK -nostdlib -r -Wl,-e,main
  BOARD esp8266.cpp)

# ---- the host itself, by the compiler that does not build the rest ------------------------------------------------------
weir_firmware_target(clang
  COMPILER clang++
  FLAGS -std=c++11 -O2 -ffp-contract=off
  BOARD host.cpp
  RUN)

# weir_add_firmware(NAME node TARGET atmega2560 SOURCE node.cpp... [SHARE net rank ranks [rows]] [DEFINES A B=1...]
#   [FLAGS...]): builds the program for one machine: ${CMAKE_CURRENT_BINARY_DIR}/NAME.TARGET.elf, by the target NAME.TARGET.
# SHARE puts rows of the digits into its flash, as share.hpp; see examples/firmware/share/make_share.cpp. FLAGS come after
# the target's own. TARGET `host` is an ordinary program, built as all others: NAME.host.
function(weir_add_firmware)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;TARGET" "SOURCE;SHARE;DEFINES;FLAGS")
  set(target ${arg_TARGET})
  if(DEFINED arg_UNPARSED_ARGUMENTS OR NOT arg_NAME OR NOT arg_SOURCE)
    message(FATAL_ERROR "weir: weir_add_firmware needs NAME, TARGET and SOURCE (and got `${arg_UNPARSED_ARGUMENTS}`)")
  elseif(NOT target STREQUAL "host" AND NOT target IN_LIST WEIR_FIRMWARE_TARGETS)
    list(JOIN WEIR_FIRMWARE_TARGETS ", " known)
    message(FATAL_ERROR "weir: there is no firmware target `${target}`; there are host, ${known}")
  endif()
  set(firmware "${WEIR_FIRMWARE_ROOT}/examples/firmware")
  list(TRANSFORM arg_SOURCE PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/" REGEX "^[^/]")
  set(includes "${WEIR_FIRMWARE_ROOT}/include" "${WEIR_FIRMWARE_ROOT}/examples" "${firmware}")

  set(share_hpp "")
  if(arg_SHARE)
    list(JOIN arg_SHARE "_" share)
    set(folder "${PROJECT_BINARY_DIR}/shares/${share}")
    set(share_hpp "${folder}/share.hpp")
    list(APPEND includes "${folder}")
    get_property(known GLOBAL PROPERTY "WEIR_SHARE_${folder}")
    if(NOT known)
      set_property(GLOBAL PROPERTY "WEIR_SHARE_${folder}" TRUE)
      file(MAKE_DIRECTORY "${folder}")
      add_custom_command(OUTPUT "${share_hpp}" COMMAND make_share ${arg_SHARE} > "${share_hpp}" DEPENDS make_share
        COMMENT "Dealing out rows: ${arg_SHARE}" VERBATIM)
      add_custom_target(share_${share} DEPENDS "${share_hpp}")  # one rule, whoever needs it
    endif()
  endif()

  if(target STREQUAL "host")
    weir_add_executable(${arg_NAME}.host ${arg_SOURCE} "${firmware}/board/host.cpp" ${share_hpp})
    target_include_directories(${arg_NAME}.host PRIVATE ${includes})
    target_compile_definitions(${arg_NAME}.host PRIVATE ${arg_DEFINES})
    target_compile_options(${arg_NAME}.host PRIVATE ${arg_FLAGS})
  else()
    set(compiler ${WEIR_FIRMWARE_${target}_COMPILER})
    find_program(WEIR_${compiler} ${compiler})
    if(NOT WEIR_${compiler})
      message(FATAL_ERROR "weir: ${compiler}, for ${target}, is not installed; README.md has the packages. Without "
        "firmware: -DWEIR_BUILD_FIRMWARE=OFF")
    endif()
    list(TRANSFORM WEIR_FIRMWARE_${target}_BOARD PREPEND "${firmware}/board/" OUTPUT_VARIABLE board)
    list(TRANSFORM arg_DEFINES PREPEND "-D" OUTPUT_VARIABLE defines)
    list(TRANSFORM includes PREPEND "-I")
    file(GLOB_RECURSE headers CONFIGURE_DEPENDS "${WEIR_FIRMWARE_ROOT}/include/weir/*.hpp")
    file(GLOB more CONFIGURE_DEPENDS "${firmware}/board/*" "${firmware}/simavr_run/marks.hpp"
      "${WEIR_FIRMWARE_ROOT}/examples/support/*.hpp")
    set(included ${arg_FLAGS})
    list(FILTER included INCLUDE REGEX "^/.*\\.hpp$")  # behind -include
    set(elf "${CMAKE_CURRENT_BINARY_DIR}/${arg_NAME}.${target}.elf")
    add_custom_command(OUTPUT "${elf}"
      COMMAND "${WEIR_${compiler}}" ${WEIR_WARNINGS} ${WEIR_FIRMWARE_${target}_FLAGS} ${arg_FLAGS} ${includes} ${defines}
              ${arg_SOURCE} ${board} -Wl,--gc-sections ${WEIR_FIRMWARE_${target}_LINK} -o "${elf}"
      DEPENDS ${arg_SOURCE} ${included} ${headers} ${more} ${share_hpp}
      COMMENT "Building ${arg_NAME} for ${target}" VERBATIM)
    add_custom_target(${arg_NAME}.${target} ALL DEPENDS "${elf}")
  endif()
  if(arg_SHARE)
    add_dependencies(${arg_NAME}.${target} share_${share})
  endif()
endfunction()

# The command line that runs an ELF of this target, in `out`; empty if there is no emulator. simavr_run is a program of ours.
function(weir_firmware_run target elf out)
  set(command ${WEIR_FIRMWARE_${target}_RUN})
  if(target STREQUAL "clang")
    set(command "${elf}")
  elseif(command)
    list(TRANSFORM command REPLACE "^simavr_run$" "$<TARGET_FILE:simavr_run>")
    list(APPEND command "${elf}")
  endif()
  set(${out} "${command}" PARENT_SCOPE)
endfunction()

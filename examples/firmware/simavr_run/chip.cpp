// SPDX-License-Identifier: MIT
#include "chip.hpp"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <utility>

#include <avr_eeprom.h>
#include <avr_uart.h>
#include <sim_avr.h>
#include <sim_elf.h>
#include <sim_time.h>

#include "support/dataset.hpp"

namespace simavr_run {
namespace {

using support::bad_input;

// The same on every AVR that has them.
constexpr avr_io_addr_t gpior0 = 0x3e;
constexpr avr_io_addr_t gpior1 = 0x4a;
constexpr std::uint8_t paint = 0xc5;
// Instructions run in one go up to this, or to the next event.
constexpr avr_cycle_count_t stretch = 1000;

// What simavr has to say goes to stderr: stdout is the serial line.
void log(avr_t* avr, const int level, const char* format, va_list arguments) {
  if (avr != nullptr && (level == LOG_OUTPUT || level == LOG_ERROR)) std::vfprintf(stderr, format, arguments);
}

chip& of(avr_t* avr) { return *static_cast<chip*>(avr->custom.data); }

// Before libelf gets it, which takes anything.
void check_is_avr(const std::string& elf) {
  std::ifstream file(elf, std::ios::binary);
  unsigned char head[20] = {};
  if (!file.read(reinterpret_cast<char*>(head), sizeof head) && file.gcount() == 0)
    throw bad_input("cannot read " + elf);
  const bool is_elf = std::memcmp(head,
                                  "\x7f"
                                  "ELF\x01",
                                  5) == 0;
  if (!is_elf || head[18] != 83 || head[19] != 0) throw bad_input(elf + " is not an ELF file for an AVR");
}

struct firmware : elf_firmware_t {
  firmware() : elf_firmware_t() {}
  firmware(const firmware&) = delete;
  firmware& operator=(const firmware&) = delete;
  ~firmware() {
    for (std::uint32_t i = 0; i < symbolcount; ++i) std::free(symbol[i]);
    std::free(symbol);
    std::free(flash);
    std::free(eeprom);
    std::free(fuse);
  }

  /// The address of a symbol in RAM, or 0.
  std::uint32_t ram_address(const char* name) const {
    for (std::uint32_t i = 0; i < symbolcount; ++i)
      if (std::strcmp(symbol[i]->symbol, name) == 0) return symbol[i]->addr & 0xffff;
    return 0;
  }
};

}  // namespace

/// A port that is only there to learn of resets: they clear RAM, timers and how far instructions run in one go.
struct chip::reset_hook {
  avr_io_t io;
  chip* owner;

  static void reset(avr_io_t* io) { reinterpret_cast<reset_hook*>(io)->owner->prepare(); }
};

chip::chip(const std::string& elf, const std::string& mcu, std::uint32_t frequency, uart_peer peer)
    : peer_(std::move(peer)) {
  avr_global_logger_set(log);
  check_is_avr(elf);
  avr_ = avr_make_mcu_by_name(mcu.c_str());
  if (avr_ == nullptr) throw bad_input("simavr knows no chip `" + mcu + "`");
  avr_->custom.data = this;
  avr_init(avr_);
  avr_->sleep = [](avr_t* avr, avr_cycle_count_t cycles) { of(avr).slept_ += cycles; };
  load(elf, frequency);
  find_ports();
  avr_register_io_write(
      avr_, gpior0,
      [](avr_t* avr, avr_io_addr_t address, std::uint8_t v, void*) {
        avr->data[address] = v;
        of(avr).exit_code_ = v;
      },
      nullptr);
  avr_register_io_write(
      avr_, gpior1,
      [](avr_t* avr, avr_io_addr_t address, std::uint8_t v, void*) {
        avr->data[address] = v;
        of(avr).marks_.write(v, avr->cycle);
      },
      nullptr);
  avr_register_io_write(
      avr_, R_SPL,
      [](avr_t* avr, avr_io_addr_t address, std::uint8_t v, void*) {
        avr->data[address] = v;
        of(avr).stack_pointer_set(v);
      },
      nullptr);
  hook_.reset(new reset_hook());
  hook_->owner = this;
  hook_->io.kind = "reset hook";
  hook_->io.reset = reset_hook::reset;
  avr_register_io(avr_, &hook_->io);
  prepare();
}

chip::~chip() { avr_terminate(avr_); }

void chip::load(const std::string& elf, std::uint32_t frequency) {
  firmware f;
  if (elf_read_firmware(elf.c_str(), &f) != 0 || f.flashsize == 0) throw bad_input("no program in " + elf);
  if (f.flashsize + f.flashbase > avr_->flashend + 1) throw bad_input(elf + " does not fit the flash of " + avr_->mmcu);
  f.frequency = frequency;
  avr_load_firmware(avr_, &f);
  const std::uint32_t ram = avr_->ioend + 1u;
  const std::uint32_t end = f.ram_address("_end");
  flash_bytes_ = f.flashsize;
  static_bytes_ = end > ram ? end - ram : f.datasize + f.bsssize;
  if (ram + static_bytes_ > avr_->ramend) throw bad_input(elf + " does not fit the RAM of " + avr_->mmcu);
}

void chip::find_ports() {
  for (avr_io_t* io = avr_->io_port; io != nullptr; io = io->next) {
    const std::string kind = io->kind;
    if (kind == "uart" && reinterpret_cast<avr_uart_t*>(io)->name == '0') uart_ = reinterpret_cast<avr_uart_t*>(io);
    if (kind == "eeprom") eeprom_ = reinterpret_cast<avr_eeprom_t*>(io);
  }
  if (uart_ == nullptr || eeprom_ == nullptr) throw bad_input(std::string(avr_->mmcu) + " has no UART0 or no EEPROM");
  uart_->flags = 0;  // no lines on the console, no sleep of the host while the device polls
  avr_irq_register_notify(
      uart_->io.irq + UART_IRQ_OUTPUT,
      [](avr_irq_t*, std::uint32_t v, void* self) {
        static_cast<chip*>(self)->peer_.sent(static_cast<std::uint8_t>(v));
      },
      this);

  // simavr writes EEPROM in no time: firmware that forgets to wait would pass.
  auto& control = avr_->io[AVR_DATA_TO_IO(eeprom_->r_eecr)].w;
  write_eecr_ = control.c;
  control.c = [](avr_t* avr, avr_io_addr_t address, std::uint8_t v, void* port) {
    const avr_eeprom_t& e = *static_cast<avr_eeprom_t*>(port);
    chip& self = of(avr);
    const bool starts = !self.eeprom_busy_ && avr_regbit_get(avr, e.eempe) && (v >> e.eepe.bit & 1);
    if (!self.eeprom_busy_ || starts) self.write_eecr_(avr, address, v, port);
    if (!starts) return;
    self.eeprom_busy_ = true;
    avr_regbit_set(avr, e.eepe);
    avr_cycle_timer_register_usec(
        avr, 3400,
        [](avr_t* a, avr_cycle_count_t, void* p) -> avr_cycle_count_t {
          of(a).eeprom_busy_ = false;
          avr_regbit_clear(a, static_cast<avr_eeprom_t*>(p)->eepe);
          return 0;
        },
        port);
  };
}

void chip::prepare() {
  avr_->run_cycle_limit = stretch;
  eeprom_busy_ = false;
  lowest_sp_ = avr_->ramend;
  std::uint8_t* const end_of_statics = avr_->data + avr_->ioend + 1 + static_bytes_;
  std::fill(end_of_statics, avr_->data + avr_->ramend + 1, paint);
  avr_cycle_timer_register(
      avr_, 1, [](avr_t* avr, avr_cycle_count_t when, void*) { return when + of(avr).feed_uart(); }, nullptr);
}

// By `out`, high byte first, a function makes room for its variables. (A push or call sets it too, but writes what it takes.)
void chip::stack_pointer_set(std::uint8_t low) {
  const unsigned instruction = avr_->flash[avr_->pc] | avr_->flash[avr_->pc + 1] << 8;
  const std::uint16_t sp = static_cast<std::uint16_t>(avr_->data[R_SPH] << 8 | low);
  if ((instruction & 0xfe0f) == 0xbe0d && sp < lowest_sp_) lowest_sp_ = sp;
}

// A byte at the speed of the line; while the chip's two are unread the next one is held back, which a real line would not do.
std::uint64_t chip::feed_uart() {
  const std::uint16_t unread = static_cast<std::uint16_t>(uart_->input.write - uart_->input.read) % uart_fifo_fifo_size;
  if (avr_regbit_get(avr_, uart_->rxen) && unread < 2) {
    const int b = peer_.next();
    if (b >= 0) avr_raise_irq(uart_->io.irq + UART_IRQ_INPUT, static_cast<std::uint32_t>(b));
  }
  return std::max<std::uint64_t>(uart_->cycles_per_byte, 100);
}

chip::state chip::run() {
  const int now = avr_run(avr_);
  if (now == cpu_Done) return state::ended;
  if (now == cpu_Crashed) return crashed("it left its code, or used an address or an instruction that is not there");
  const std::uint8_t* const code = avr_->flash + avr_->pc;
  if (now == cpu_Running && avr_->sreg[S_I] == 0 && code[0] == 0xff && code[1] == 0xcf)  // rjmp .-2
    return crashed("it stands still with interrupts off, as after abort() or the end of main()");
  return state::running;
}

chip::state chip::crashed(const char* why) {
  crash_ = why;
  return state::crashed;
}

std::uint64_t chip::cycles() const { return avr_->cycle; }

std::uint64_t chip::slept() { return std::exchange(slept_, 0); }

std::uint32_t chip::frequency() const { return avr_->frequency; }

std::string chip::eeprom() const { return std::string(reinterpret_cast<const char*>(eeprom_->eeprom), eeprom_->size); }

void chip::set_eeprom(const std::string& bytes) {
  if (bytes.size() != eeprom_->size)
    throw bad_input("the EEPROM of " + std::string(avr_->mmcu) + " has " + std::to_string(eeprom_->size) +
                    " bytes, the file has " + std::to_string(bytes.size()));
  std::copy(bytes.begin(), bytes.end(), eeprom_->eeprom);
}

std::uint32_t chip::stack_peak() const {
  const std::uint8_t* const low = avr_->data + avr_->ioend + 1 + static_bytes_;
  const std::uint8_t* const high = avr_->data + avr_->ramend + 1;
  const std::uint8_t* const written = std::find_if(low, high, [](std::uint8_t b) { return b != paint; });
  return std::max(static_cast<std::uint32_t>(high - written), static_cast<std::uint32_t>(avr_->ramend - lowest_sp_));
}

std::uint32_t chip::ram_free() const { return avr_->ramend - avr_->ioend - static_bytes_; }

}  // namespace simavr_run

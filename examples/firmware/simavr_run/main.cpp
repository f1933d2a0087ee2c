// SPDX-License-Identifier: MIT
// Runs the firmware of an AVR. The device's UART0 is this program's stdin and stdout, byte for byte; nothing else is ever
// written to stdout. EEPROM can be kept in a file; what the device marks (marks.hpp) is measured in cycles, the stack
// without help of the firmware.
//
//   simavr_run --mcu atmega2560 --eeprom node.eeprom --report sizes.jsonl node.elf
//
// A busy device runs as fast as the host can (about five times real time); one that sleeps runs in real time, and takes no time of
// the host, as long as a byte could come from stdin. When stdin has ended, sleeps are skipped.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "chip.hpp"
#include "host_line.hpp"
#include "support/command_line.hpp"
#include "support/program.hpp"
#include "support/result_file.hpp"

namespace {

using support::bad_input;

constexpr int out_of_cycles = 124;
constexpr int crashed = 125;

volatile std::sig_atomic_t asked_to_stop = 0;

struct options {
  std::string elf, mcu, eeprom, until, report;
  std::uint32_t frequency = 16000000;
  std::optional<std::uint64_t> cycles;
};

/// False: --help was asked for and has been given.
bool parse(int argc, const char* const* argv, options& o) {
  CLI::App app{
      "Runs the firmware of an AVR; UART0 is stdin and stdout.\n"
      "Ends with the device's exit code (GPIOR0) when it sleeps with interrupts off; with 0 after the text of\n"
      "--until, when nobody reads stdout any more, and on SIGTERM or SIGINT; with 124 when --cycles have passed;\n"
      "with 125 when the device crashed; with 2 for bad options or files.",
      "simavr_run"};
  app.add_option("ELF", o.elf, "the firmware")->required();
  app.add_option("--mcu", o.mcu, "the chip, as simavr calls it: atmega2560, atmega328p ...")->required();
  app.add_option("--frequency", o.frequency, "Hz")->check(CLI::Range(1000u, 100000000u))->capture_default_str();
  app.add_option("--eeprom", o.eeprom, "file with the EEPROM's bytes; made if it is not there, written at the end");
  app.add_option("--cycles", o.cycles, "give up after so many");
  app.add_option("--until", o.until, "stop when the device has sent this text")->check([](const std::string& text) {
    return text.empty() ? "the text is empty" : "";
  });
  app.add_option("--report", o.report, "file for JSON lines: one for each mark, one for the run");
  return support::parse(app, argc, argv);
}

/// Has the text come by?
class text_watch {
 public:
  explicit text_watch(const std::string& text) : text_(text) {}
  bool seen() const { return seen_; }
  void see(std::uint8_t b) {
    if (text_.empty() || seen_) return;
    last_ += static_cast<char>(b);
    if (last_.size() > text_.size()) last_.erase(0, 1);
    seen_ = last_ == text_;
  }

 private:
  std::string text_, last_;
  bool seen_ = false;
};

class run {
 public:
  explicit run(const options& o)
      : options_(o),
        eeprom_file_(o.eeprom),
        report_file_(o.report),
        watch_(o.until),
        chip_(o.elf, o.mcu, o.frequency,
              {[this](std::uint8_t b) { sent(b); }, [this] { return line_.has_input() ? int(line_.take()) : -1; }}) {
    if (!o.eeprom.empty() && std::filesystem::exists(o.eeprom)) {
      std::ifstream file(o.eeprom, std::ios::binary);
      const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
      if (!file) throw bad_input("cannot read " + o.eeprom);
      chip_.set_eeprom(bytes);
    }
  }

  int go() {
    const int code = until_the_end();
    while (line_.has_output() && !line_.broken() && !asked_to_stop) line_.turn(100);
    if (chip_.marks().open() != 0) std::fputs("simavr_run: a mark was not ended; it is not counted\n", stderr);
    if (chip_.stack_peak() >= chip_.ram_free())
      std::fputs("simavr_run: the stack has come down to the variables\n", stderr);
    eeprom_file_.write(chip_.eeprom());
    report_file_.write(report(code));
    return code;
  }

 private:
  // What comes after the text of --until is not for anybody.
  void sent(std::uint8_t b) {
    if (watch_.seen()) return;
    line_.give(b);
    watch_.see(b);
  }

  int until_the_end() {
    using simavr_run::chip;
    const std::uint64_t between_turns = options_.frequency / 1000;  // a millisecond of the device
    const std::uint64_t limit = options_.cycles.value_or(UINT64_MAX);
    std::uint64_t next_turn = 0;
    for (;;) {
      const chip::state state = chip_.run();
      if (state == chip::state::ended) return end("sleep", chip_.exit_code());
      if (state == chip::state::crashed) return end("crash", crashed, "the program crashed: " + chip_.crash());
      if (watch_.seen()) return end("until", 0);
      if (chip_.cycles() >= limit) return end("cycles", out_of_cycles, "the cycles are used up");
      owed_ += chip_.slept();
      if (chip_.cycles() < next_turn) continue;
      next_turn = chip_.cycles() + between_turns;
      do line_.turn(sleep_ms());
      while (line_.backed_up() && !line_.broken() && !asked_to_stop);
      if (line_.broken()) return end("closed", 0, "nobody reads stdout any more");
      if (asked_to_stop) return end("signal", 0);
    }
  }

  // How long the host should sleep because the device did.
  int sleep_ms() {
    if (line_.has_input() || line_.ended()) owed_ = 0;  // nothing to wait for
    const std::uint64_t ms = owed_ * 1000 / options_.frequency;
    if (ms == 0) return line_.backed_up() ? 100 : 0;
    owed_ = 0;
    return static_cast<int>(std::min<std::uint64_t>(ms, 1000));
  }

  int end(const char* how, int code, const std::string& why = std::string()) {
    how_ = how;
    if (!why.empty()) std::fprintf(stderr, "simavr_run: %s\n", why.c_str());
    return code;
  }

  std::string report(int code) const {
    char line[400];
    std::snprintf(line, sizeof line,
                  "{\"mcu\":\"%s\",\"frequency\":%u,\"cycles\":%llu,\"flash\":%u,\"ram_static\":%u,\"stack_peak\":%u,"
                  "\"end\":\"%s\",\"exit_code\":%d}\n",
                  options_.mcu.c_str(), options_.frequency, static_cast<unsigned long long>(chip_.cycles()),
                  chip_.flash_bytes(), chip_.static_bytes(), chip_.stack_peak(), how_, code);
    return chip_.marks().json_lines() + line;
  }

  const options& options_;
  const support::result_file eeprom_file_, report_file_;
  simavr_run::host_line line_;
  text_watch watch_;
  simavr_run::chip chip_;
  std::uint64_t owed_ = 0;  // cycles of sleep that the host has not slept
  const char* how_ = "";
};

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a write says it too
  struct sigaction stop = {};
  stop.sa_handler = [](int) { asked_to_stop = 1; };
  sigaction(SIGTERM, &stop, nullptr);
  sigaction(SIGINT, &stop, nullptr);
  return support::run_program("simavr_run", [&] {
    options o;
    return parse(argc, argv, o) ? run(o).go() : 0;
  });
}

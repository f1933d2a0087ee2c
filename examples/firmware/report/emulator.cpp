// SPDX-License-Identifier: MIT
#include "emulator.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

#include <sys/socket.h>
#include <unistd.h>

#include "support/text.hpp"

namespace firmware_report {
namespace {

constexpr char paint = '\xc5';  // examples/firmware/board/

std::uint32_t address_of(const std::string& symbols, const std::string& name) {
  std::smatch found;
  if (!std::regex_search(symbols, found, std::regex("(^|\n)([0-9a-fA-F]+) [a-zA-Z] " + name + "\n")))
    throw std::runtime_error("there is no " + name + " in the program");
  return static_cast<std::uint32_t>(std::stoul(found[2], nullptr, 16));
}

}  // namespace

emulator::emulator(const program& p, const std::string& elf, const std::string& dump)
    : dump_(std::filesystem::absolute(dump).string()) {
  const std::string symbols = support::output_of({p.tools + "nm", elf});
  low_ = address_of(symbols, "board_bss_end");
  high_ = address_of(symbols, "board_stack_top");
  std::filesystem::remove(dump_);
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    throw std::runtime_error(std::string("no socket: ") + std::strerror(errno));
  monitor_ = ends[0];
  support::command line = p.run;
  const std::string chardev = "socket,id=monitor,fd=" + std::to_string(ends[1]);
  line.insert(line.end(), {elf, "-chardev", chardev, "-mon", "chardev=monitor,mode=readline"});
  device_.emplace(line, ends[1]);
  ::close(ends[1]);
}

emulator::~emulator() { ::close(monitor_); }

std::uint32_t emulator::stop(std::chrono::steady_clock::time_point limit) {
  const std::string commands = support::text("stop\nmemsave 0x%x %u \"%s\"\nquit\n", low_, high_ - low_, dump_.c_str());
  if (::send(monitor_, commands.data(), commands.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(commands.size()))
    throw std::runtime_error("the emulator's monitor does not listen");
  device_->finish(limit);
  std::ifstream file(dump_, std::ios::binary);
  const std::string ram((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (ram.size() != high_ - low_) throw std::runtime_error("the emulator has not written " + dump_);
  const std::size_t used = ram.find_first_not_of(paint);
  return static_cast<std::uint32_t>(used == std::string::npos ? 0 : ram.size() - used);
}

}  // namespace firmware_report

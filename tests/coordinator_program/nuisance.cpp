// SPDX-License-Identifier: MIT
// Says on its standard output what no node would say, always the same:
//
//   nuisance noise N      N random bytes, and a zero; for ever if N is 0
//   nuisance half         frames that end too early, for ever
//   nuisance foreign      sound frames of another model, for ever
//   nuisance rank         sound frames of a rank that is not there, for ever
//   nuisance refused      joins with a frame size that is not the fleet's, for ever
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <unistd.h>

#include "support/mixed_fleet.hpp"

namespace {

using coordinator = mixed::coordinator<mixed::net_digits, 1>;

void say(const std::vector<std::uint8_t>& all) {
  for (std::size_t at = 0; at < all.size();) {
    const ssize_t n = ::write(1, all.data() + at, all.size() - at);
    if (n < 0 && errno != EINTR) std::exit(0);
    if (n > 0) at += static_cast<std::size_t>(n);
  }
}

std::vector<std::uint8_t> stuffed(weir::const_bytes frame) {
  std::vector<std::uint8_t> line;
  weir::cobs_sender sender{};
  for (sender.start(frame); !sender.idle();) line.push_back(sender.next());
  return line;
}

/// A frame of this kind with a body of zeros, or a join.
std::vector<std::uint8_t> frame_of(weir::frame_kind kind, std::uint32_t fingerprint, std::uint16_t rank,
                                   std::uint32_t frame_bytes) {
  std::uint8_t frame[64] = {};
  const weir::frame_header h = {kind, static_cast<std::uint16_t>(fingerprint & 0xffff), rank, 1, 0};
  weir::byte_writer body(weir::wire::body_room(kind, rank, weir::bytes(frame)));
  if (kind == weir::frame_kind::join) weir::join_body{fingerprint, 0, 0, 0, frame_bytes, false, false}.put(body);
  return stuffed(weir::const_bytes(frame, weir::wire::seal(h, body.size(), weir::bytes(frame))));
}

[[noreturn]] void repeat(const std::vector<std::uint8_t>& line) {
  std::vector<std::uint8_t> many;
  while (many.size() < 4096) many.insert(many.end(), line.begin(), line.end());
  for (;;) say(many);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  const std::uint32_t ours = coordinator::fingerprint();
  if (what == "noise" && argc == 3) {
    const unsigned long n = std::strtoul(argv[2], nullptr, 10);
    weir::random_bits random(5);
    std::vector<std::uint8_t> bytes(n != 0 ? n : 8192);
    for (std::uint8_t& b : bytes) b = static_cast<std::uint8_t>(random.next() >> 24);
    if (n == 0) repeat(bytes);
    bytes.push_back(0);
    say(bytes);
    return 0;
  }
  if (what == "half") {
    std::vector<std::uint8_t> line = frame_of(weir::frame_kind::join, ours, 0, 64);
    line.resize(line.size() / 2);
    line[0] = static_cast<std::uint8_t>(line.size());  // a sound run of bytes, of half a frame
    line.push_back(0);
    repeat(line);
  }
  if (what == "foreign") repeat(frame_of(weir::frame_kind::update, ours ^ 1, 0, 64));
  if (what == "rank") repeat(frame_of(weir::frame_kind::join, ours, 77, 64));
  if (what == "refused") repeat(frame_of(weir::frame_kind::join, ours, 0, 128));
  return 2;
}

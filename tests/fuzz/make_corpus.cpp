// SPDX-License-Identifier: MIT
// Makes what the fuzz targets begin with: make_corpus VECTORS OUT writes OUT/TARGET/NAME of every vector of tests/golden
// that a target can read, and of a few scripts for the state machines.
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>

#include "../golden/vectors.hpp"
#include "fuzz.hpp"

namespace {

using golden::block;
using golden::data;

std::string out;

void put(const std::string& target, const std::string& name, const data& input) {
  std::filesystem::create_directories(out + "/" + target);
  std::ofstream(out + "/" + target + "/" + name, std::ios::binary)
      .write(reinterpret_cast<const char*>(input.data()), static_cast<std::streamsize>(input.size()));
}

data operator+(data a, const data& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}
data word(uint32_t v) { return {static_cast<uint8_t>(v & 0xff), static_cast<uint8_t>(v >> 8 & 0xff)}; }

/// The smallest model of fuzz::model_cells with so many weights.
uint8_t model(uint32_t cells) {
  uint8_t i = 0;
  while (fuzz::model_cells(i) < cells) ++i;
  return i;
}

void body(const block& b) {
  const std::string numbers = b.text("numbers"), encoder = b.text("encoder");
  put("body_" + encoder + "_" + numbers, b.name, data{model(b.number("cells"))} + b.bytes("bytes"));
  if (b.kind != "body" || b.number("cells") > 1200) return;
  // A residual of about these coordinates; Wt, numbers and the rest as they come.
  const uint32_t cells = b.number("cells"), start = b.number("start", 0);
  data in = {static_cast<uint8_t>(numbers == "float" ? 1 : 0), 1, 0x1f};
  in = in + word(cells - 1) + word(start) + word(b.number("expected")) + word(300) + data{0};
  uint32_t at = start;
  for (const auto& c : b.coordinates("coordinates", cells)) {
    const uint32_t gap = (c.first + cells - at - 1) % cells;
    in = in + data{static_cast<uint8_t>(gap < 16     ? gap
                                        : gap < 0xc0 ? 15
                                        : gap < 256  ? gap
                                                     : 255),
                   static_cast<uint8_t>(c.second < 0 ? 0xa0 : 0x20), 0x40};
    at = c.first;
  }
  if (encoder.rfind("segmented", 0) != 0) put("round_trip_" + encoder, b.name, in);
}

void one(const block& b) {
  if (b.kind == "body" || b.kind == "refused") body(b);
  if (b.kind == "frame" || b.kind == "refused_frame") put("frame", b.name, b.bytes("bytes"));
  // As it stands behind a kind, a fingerprint, a rank, a sequence and a round in the frame target.
  const data behind(8, 3);
  if (b.kind.find("join") != std::string::npos) put("frame", "join-" + b.name, data{1} + behind + b.bytes("bytes"));
  if (b.kind.find("ask") != std::string::npos) put("frame", "ask-" + b.name, data{2} + behind + b.bytes("bytes"));
  if (b.kind.find("welcome") != std::string::npos)
    put("frame", "welcome-" + b.name, data{5} + behind + b.bytes("bytes"));
  if (b.kind == "acks" || b.kind == "refused_acks")
    put("acks", b.name, word(b.number("ranks") - 1) + word(0) + b.bytes("bytes"));
  if (b.kind == "cobs" || b.kind == "heard") put("cobs", b.name, data{7, 200} + b.bytes("bytes"));
  if (b.kind != "frame") return;
  // For the state machines: the body as it is, of the next round or the next sequence.
  const data inside = b.bytes("body");
  if (inside.size() > 100) return;
  const data length = {static_cast<uint8_t>(inside.size())};
  const uint8_t kind = b.bytes("bytes")[0] & 15;
  const data join = {0, 0, 4, 0x40, 0, 0, 4, 0x80, 0, 0};  // twice asked, twice welcomed
  if (kind >= 8) put("worker", b.name, join + data{kind, 0} + length + inside + data{7, 1, kind, 0} + length + inside);
  const data update = {5, 3};
  const data kinds = {kind == 2 ? uint8_t{0x0b} : kind == 3 ? uint8_t{3} : uint8_t{5}, 3};
  if (kind < 8)
    put("coordinator", b.name, data{2, 3} + update + length + inside + data{0, 0} + kinds + length + inside);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("make_corpus VECTORS OUT\n", stderr);
    return 2;
  }
  try {
    out = argv[2];
    for (const block& b : golden::read_all(argv[1])) one(b);
    // Joined, trained, snapshot by pieces; and a coordinator's round of all ranks.
    put("worker", "snapshot", {0, 0, 4, 0x41, 0, 0, 4, 0x81, 0, 0, 0x26, 0, 0, 0, 4, 0x80, 7, 1, 5, 0});
    data round;
    for (uint8_t rank = 0; rank < 9; ++rank) round = round + data{5, rank, 4, 0x01, 0x40, 0x01, 0xc5};
    put("coordinator", "round", round + data{0, 0} + round + data{3, 0x13, 2, 0, 0, 0, 0});
  } catch (const std::exception& e) {
    std::fprintf(stderr, "make_corpus: %s\n", e.what());
    return 1;
  }
  return 0;
}

// SPDX-License-Identifier: MIT
// What a frame says, for whoever prints it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace inspect {

/// So many bits of the frame for one purpose.
struct part {
  std::string name;
  std::uint64_t bits;
};

/// A field of a header or a body: its name and value. Numbers are as they are, texts are for people.
struct field {
  std::string name;
  std::string text;
  bool number;  ///< `text` is one
};

/// What stands in an encoder's body.
struct coordinates {
  std::uint64_t cells = 0;                                     ///< of the model
  std::uint64_t count = 0;                                     ///< coordinates
  std::uint64_t negative = 0, zero = 0;                        ///< values of them
  double largest = 0, sum = 0;                                 ///< magnitudes
  std::vector<std::uint64_t> gaps;                             ///< [0]: gaps of 0; [i]: of 2^(i-1) to 2^i - 1
  std::vector<std::pair<unsigned, std::uint64_t>> parameters;  ///< Rice's, and coordinates written with it, in order
  std::uint64_t escapes = 0;
};

/// What is wrong, and the byte where it shows.
struct fault {
  std::string why;  ///< empty: nothing
  std::size_t offset = 0;
};

struct finding {
  std::size_t at = 0;    ///< of the frame, in the stream that it came from
  std::size_t size = 0;  ///< of the frame
  std::string status = "ok";
  std::vector<field> header, body;
  std::vector<part> parts;  ///< of the whole frame, in order; those of a good one sum up to it
  bool has_coordinates = false;
  coordinates what;
  std::string note;  ///< what could be told if more were known
  inspect::fault fault;

  bool good() const { return fault.why.empty(); }
};

}  // namespace inspect

// SPDX-License-Identifier: MIT
#include "dataset.hpp"

#include <zlib.h>

extern const unsigned char digits_csv_gz[];  // made from examples/data/digits.csv.gz by CMakeLists.txt
extern const unsigned digits_csv_gz_size;

namespace support {
namespace {

constexpr std::size_t pixels = 64;

std::string unpacked() {
  z_stream z{};
  if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK) throw std::bad_alloc();  // 16: a gzip header
  z.next_in = const_cast<Bytef*>(digits_csv_gz);                         // zlib does not write there
  z.avail_in = digits_csv_gz_size;
  std::string text(512 * 1024, '\0');
  z.next_out = reinterpret_cast<Bytef*>(&text[0]);
  z.avail_out = static_cast<uInt>(text.size());
  const int end = inflate(&z, Z_FINISH);
  text.resize(z.total_out);
  inflateEnd(&z);
  if (end != Z_STREAM_END) throw std::logic_error("the embedded digits do not unpack");
  return text;
}

}  // namespace

dataset load_digits() {
  const std::string text = unpacked();
  dataset d{"digits", row_kind::image, pixels, 10, 1.0f / 16.0f, {}, {}};
  std::size_t at = 0;
  for (std::size_t row = 0; at < text.size(); ++row) {
    row_set& into = row % 5 == 0 ? d.test : d.train;
    for (std::size_t column = 0; column <= pixels; ++column) {
      unsigned value = 0;
      for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at)
        value = value * 10 + static_cast<unsigned>(text[at] - '0');
      ++at;  // the comma, or the end of the line
      (column < pixels ? into.pixels : into.labels).push_back(static_cast<std::uint8_t>(value));
    }
  }
  return d;
}

}  // namespace support

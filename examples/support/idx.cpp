// SPDX-License-Identifier: MIT
// The idx format of MNIST: a magic number that tells how many dimensions, each of them (32 bits, big-endian), bytes.
#include <algorithm>
#include <filesystem>
#include <memory>

#include <zlib.h>

#include "dataset.hpp"

namespace support {
namespace {

constexpr std::size_t classes = 10;

/// One file, plain or packed: zlib reads both.
class idx_file {
 public:
  explicit idx_file(const std::filesystem::path& plain) : name_(plain.string()), file_(nullptr, gzclose) {
    if (!std::filesystem::is_regular_file(plain)) name_ += ".gz";
    if (!std::filesystem::is_regular_file(name_)) throw bad_input("no such file: " + plain.string() + "[.gz]");
    file_.reset(gzopen(name_.c_str(), "rb"));
    if (!file_) throw bad_input("cannot open " + name_);
  }

  std::uint32_t big_endian() {
    std::uint8_t b[4];
    if (read(b, 4) != 4) truncated();
    return static_cast<std::uint32_t>(b[0]) << 24 | static_cast<std::uint32_t>(b[1]) << 16 |
           static_cast<std::uint32_t>(b[2]) << 8 | b[3];
  }

  void expect_magic(std::uint32_t magic) {
    if (big_endian() != magic)
      fail("wrong magic number, this is no idx" + std::to_string(magic & 0xff) + "-ubyte file");
  }

  /// All `count` bytes that the header promised, and no more. A header may promise more than there is memory.
  std::vector<std::uint8_t> rest(std::uint64_t count) {
    constexpr std::uint64_t piece = 1 << 20;
    std::vector<std::uint8_t> bytes;
    while (bytes.size() < count) {
      const std::size_t size = static_cast<std::size_t>(std::min(piece, count - bytes.size()));
      bytes.resize(bytes.size() + size);
      if (read(bytes.data() + bytes.size() - size, size) != size) truncated();
    }
    std::uint8_t more;
    if (read(&more, 1) != 0) fail("there is more in it than its header says");
    return bytes;
  }

  [[noreturn]] void fail(const std::string& what) const { throw bad_input(name_ + ": " + what); }

 private:
  [[noreturn]] void truncated() const { fail("truncated"); }

  std::size_t read(std::uint8_t* to, std::size_t size) {
    const int got = gzread(file_.get(), to, static_cast<unsigned>(size));
    int error = Z_OK;
    gzerror(file_.get(), &error);
    if (error == Z_BUF_ERROR) truncated();  // a packed file that ends too early
    if (got < 0 || error != Z_OK) fail("damaged");
    return static_cast<std::size_t>(got);
  }

  std::string name_;
  std::unique_ptr<gzFile_s, int (*)(gzFile)> file_;
};

row_set load_set(const std::filesystem::path& folder, const std::string& name, std::size_t inputs) {
  row_set set;
  idx_file images(folder / (name + "-images-idx3-ubyte"));
  images.expect_magic(0x803);
  const std::uint32_t count = images.big_endian();
  const std::uint32_t height = images.big_endian();
  const std::uint32_t width = images.big_endian();
  if (count == 0) images.fail("empty");
  if (static_cast<std::uint64_t>(height) * width != inputs)
    images.fail("images of " + std::to_string(height) + " x " + std::to_string(width) +
                " pixels, where the model takes " + std::to_string(inputs));
  set.pixels = images.rest(static_cast<std::uint64_t>(count) * inputs);

  idx_file labels(folder / (name + "-labels-idx1-ubyte"));
  labels.expect_magic(0x801);
  const std::uint32_t label_count = labels.big_endian();
  if (label_count != count)
    labels.fail(std::to_string(label_count) + " labels for " + std::to_string(count) + " images");
  set.labels = labels.rest(label_count);
  for (const std::uint8_t label : set.labels)
    if (label >= classes) labels.fail("label " + std::to_string(label) + " is out of range, the largest is 9");
  return set;
}

}  // namespace

dataset load_idx(const std::string& folder) {
  if (!std::filesystem::is_directory(folder)) throw bad_input("no such folder: " + folder);
  constexpr std::size_t pixels = 28 * 28;
  return dataset{folder,
                 row_kind::image,
                 pixels,
                 classes,
                 1.0f / 255.0f,
                 load_set(folder, "train", pixels),
                 load_set(folder, "t10k", pixels)};
}

}  // namespace support

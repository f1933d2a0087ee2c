// SPDX-License-Identifier: MIT
// make_idx FOLDER: small MNIST-like sets below it, a good one, plain and packed, and every kind of bad one.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <string>

#include <zlib.h>

namespace {

using files = std::map<std::string, std::string>;  // name: bytes

std::string number(std::uint32_t v) {
  return {static_cast<char>(v >> 24), static_cast<char>(v >> 16), static_cast<char>(v >> 8), static_cast<char>(v)};
}

/// Images of class c are bright in the row of pixels 2 c.
files good_set() {
  files set;
  for (const char* const half : {"train", "t10k"}) {
    std::string images = number(0x803) + number(120) + number(28) + number(28), labels = number(0x801) + number(120);
    for (int i = 0; i < 120; ++i) {
      std::string image(28 * 28, '\0');
      const std::size_t c = static_cast<std::size_t>(i) % 10;
      image.replace(2 * c * 28, 28, 28, static_cast<char>(200 + i % 50));
      images += image;
      labels += static_cast<char>(c);
    }
    set[half + std::string("-images-idx3-ubyte")] = images;
    set[half + std::string("-labels-idx1-ubyte")] = labels;
  }
  return set;
}

std::string packed(const std::string& plain, const std::filesystem::path& scratch) {
  const gzFile f = gzopen(scratch.c_str(), "wb");
  if (f == nullptr || gzwrite(f, plain.data(), static_cast<unsigned>(plain.size())) <= 0 || gzclose(f) != Z_OK)
    std::exit(1);
  std::ifstream in(scratch, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  std::filesystem::remove(scratch);
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::filesystem::path root = argv[1];
  std::filesystem::remove_all(root);
  std::filesystem::create_directories(root);
  const files good = good_set();
  const auto write = [&](const std::string& name, const std::function<void(files&)>& change) {
    files set = good;
    change(set);
    std::filesystem::create_directories(root / name);
    for (const auto& file : set) {
      std::ofstream out(root / name / file.first, std::ios::binary);
      out << file.second;
      if (!out.flush()) std::exit(1);
    }
  };
  const std::string images = "train-images-idx3-ubyte", labels = "train-labels-idx1-ubyte";
  const auto pack = [&](files& set) {
    files all;
    for (const auto& file : set) all[file.first + ".gz"] = packed(file.second, root / "scratch");
    set = all;
  };

  write("plain", [](files&) {});
  write("packed", pack);
  write("missing", [&](files& set) { set.erase("t10k-labels-idx1-ubyte"); });
  write("no_bytes", [&](files& set) { set[images].clear(); });
  write("truncated", [&](files& set) { set[images].pop_back(); });
  write("truncated_header", [&](files& set) { set[labels].resize(6); });
  write("truncated_packed", [&](files& set) { pack(set), set[images + ".gz"].resize(100); });
  write("damaged_packed", [&](files& set) {
    pack(set);
    std::string& bytes = set[images + ".gz"];
    bytes[bytes.size() - 6] = static_cast<char>(bytes[bytes.size() - 6] ^ 1);  // in the check
  });
  write("huge", [&](files& set) { set[images].replace(4, 4, number(0xffffffff)); });
  write("longer", [&](files& set) { set[labels] += '\1'; });
  write("wrong_magic", [&](files& set) { set[images].replace(0, 4, number(0x801)); });
  write("swapped", [&](files& set) { std::swap(set[images], set[labels]); });
  write("mismatched", [&](files& set) { set[labels].replace(4, 4, number(119)), set[labels].pop_back(); });
  write("label_10", [&](files& set) { set[labels][8 + 7] = 10; });
  write("shape", [&](files& set) { set[images].replace(8, 8, number(14) + number(28)); });
  write("empty", [&](files& set) {
    set[images] = number(0x803) + number(0) + number(28) + number(28);
    set[labels] = number(0x801) + number(0);
  });
}

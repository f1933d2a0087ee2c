// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <random>
#include <string>
#include <vector>
#include <weir/host/npy.hpp>
#include <weir/nn/activation.hpp>
#include <weir/nn/dense.hpp>
#include <weir/nn/sequential.hpp>

using namespace weir;
namespace fs = std::filesystem;

namespace {

typedef sequential<input<3>, dense<2>, relu, dense<4>> net;

/// A folder of its own, gone at the end.
struct folder {
  folder() {
    path = (fs::temp_directory_path() / "weir-npy-XXXXXX").string();
    REQUIRE(::mkdtemp(path.data()) != nullptr);
  }
  ~folder() { fs::remove_all(path); }
  std::string file(const std::string& name) const { return path + "/" + name; }
  std::string path;
};

std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}
void write(const std::string& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

std::vector<std::string> names_in(const std::string& path) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(path)) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<float> some_weights() {
  std::vector<float> w(net::parameters());
  for (size_t i = 0; i < w.size(); ++i) w[i] = static_cast<float>(i) * 0.25f - 2.0f;
  return w;
}

/// Version 1.0 with this header and these bytes of numbers.
std::string file_of(const std::string& header, const std::string& data, char major = 1) {
  std::string file = "\x93NUMPY";
  file += {major, 0, static_cast<char>(header.size() & 0xff), static_cast<char>(header.size() >> 8)};
  if (major == 2) file += std::string(2, '\0');
  return file + header + data;
}

template <class T>
std::string bytes_of(std::vector<T> numbers) {
  return std::string(reinterpret_cast<const char*>(numbers.data()), sizeof(T) * numbers.size());
}

/// Reads it as a 2 x 3 array, out of memory of just its size, so that a sanitizer sees a step beyond.
std::string refused(const std::string& file, std::vector<float>* numbers = nullptr) {
  const std::vector<uint8_t> exact(file.begin(), file.end());
  float into[7] = {7, 7, 7, 7, 7, 7, 7};
  std::string why = read_npy(const_bytes(exact.data(), exact.size()), {2, 3}, into, 6);
  CHECK(into[6] == 7);
  if (numbers != nullptr) numbers->assign(into, into + 6);
  return why;
}

const std::string plain = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
const std::vector<float> six = {1, -2, 3.5f, 0, -0.25f, 6};

}  // namespace

TEST_CASE("a header is what NumPy writes: a multiple of 64 bytes, and the numbers begin behind it") {
  const std::string golden =
      std::string("\x93NUMPY\x01\x00\x76\x00", 10) + plain + std::string(128 - 10 - plain.size() - 1, ' ') + "\n";
  CHECK(golden.size() == 128);
  CHECK(npy_header({2, 3}) == golden);
  CHECK(npy_header({5}).find("'shape': (5,), }") != std::string::npos);
  for (index_t extent = 1; extent < 1000000000; extent *= 10)
    for (size_t rank = 1; rank <= 12; ++rank) {
      const std::string header = npy_header(std::vector<index_t>(rank, extent));
      CHECK(header.size() % 64 == 0);
      CHECK(header.back() == '\n');
      CHECK(static_cast<uint8_t>(header[8]) + 256 * static_cast<uint8_t>(header[9]) + 10 ==
            static_cast<int>(header.size()));
    }
  CHECK(npy_bytes({2, 3}, six.data(), 6) == golden + bytes_of(six));
}

TEST_CASE("headers may be written otherwise, in version 1.0 or 2.0, of floats or doubles") {
  std::vector<float> numbers;
  const std::string data = bytes_of(six), wide = bytes_of(std::vector<double>(six.begin(), six.end()));
  for (const char* header : {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n",
                             "{\"shape\":(2,3,),\"descr\":\"<f4\",\"fortran_order\":False}",
                             "  { 'fortran_order' : False ,\n'shape':( 2 , 3 ) , 'descr':'<f4' }   \n\n"})
    for (const char major : {'\1', '\2'}) {
      CAPTURE(header);
      CHECK(refused(file_of(header, data, major), &numbers) == "");
      CHECK(numbers == six);
    }
  std::string header = plain;
  header.replace(header.find("<f4"), 3, "<f8");
  CHECK(refused(file_of(header, wide), &numbers) == "");
  CHECK(numbers == six);
}

TEST_CASE("what is refused, and why") {
  const std::string data = bytes_of(six);
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string header = plain;
    return refused(file_of(header.replace(header.find(from), from.size(), to), data));
  };
  CHECK(with("<f4", ">f4") == "its numbers are '>f4', not '<f4' or '<f8'");
  CHECK(with("<f4", "<i4") == "its numbers are '<i4', not '<f4' or '<f8'");
  CHECK(with("<f4", "\x1b[31m a very long type") == "its numbers are '?[31m a very lon...', not '<f4' or '<f8'");
  CHECK(with("False", "True") == "it is in Fortran order: save numpy.ascontiguousarray(...) of it");
  CHECK(with("(2, 3)", "(3, 2)") == "its shape is (3, 2), the model's (2, 3)");
  CHECK(with("(2, 3)", "(6,)") == "its shape is (6,), the model's (2, 3)");
  CHECK(with("(2, 3)", "()") == "its shape is (), the model's (2, 3)");
  CHECK(with("(2, 3)", "(2, 3, 1)") == "its shape is (2, 3, 1), the model's (2, 3)");
  // Products of these are 6 in 64 bits, or in 32.
  CHECK(with("(2, 3)", "(9223372036854775807, 2)") == "its shape is (9223372036854775807, 2), the model's (2, 3)");
  CHECK(with("(2, 3)", "(2147483649, 6)") == "its shape is (2147483649, 6), the model's (2, 3)");
  CHECK(with("(2, 3)", "(4294967298, 3)") == "its shape is (4294967298, 3), the model's (2, 3)");
  CHECK(refused(file_of(plain, data + "x")) == "it has 25 bytes of numbers, not 24");
  CHECK(refused(file_of(plain, "")) == "it has 0 bytes of numbers, not 24");
  CHECK(refused("") == "it is not a .npy file");
  CHECK(refused("PK\3\4 a zip file, .npz") == "it is not a .npy file");
  CHECK(refused(std::string("\x93NUMPY\x03\x00", 8)) == "it has version 3.0, not 1.0 or 2.0");
  CHECK(refused(std::string("\x93NUMPY\x01\x01", 8)) == "it has version 1.1, not 1.0 or 2.0");
  CHECK(refused(std::string("\x93NUMPY\x02\x00\xff\xff\xff\xff", 12)) == "it ends inside its header");

  const std::string malformed = "its header is not a dictionary of a plain descr, fortran_order and shape";
  for (const char* header : {"",
                             "{",
                             "}",
                             "{}",
                             "{'descr': '<f4'}",
                             "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)",
                             "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)} x",
                             "{'descr': '<f4', 'fortran_order': False}",
                             "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}",
                             "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), 'more': 'x'}",
                             "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 3)}",
                             "{'descr': '\\x3cf4', 'fortran_order': False, 'shape': (2, 3)}",
                             "{'descr': '<f4', 'fortran_order': 0, 'shape': (2, 3)}",
                             "{'descr': '<f4', 'fortran_order': False 'shape': (2, 3)}",
                             "{'descr': '<f4', 'fortran_order': False, 'shape': (6)}",
                             "{'descr': '<f4', 'fortran_order': False, 'shape': 6}",
                             "{'descr': '<f4', 'fortran_order': False, 'shape': (2 3)}",
                             "{'descr': '<f4', 'fortran_order': False, 'shape': (,)}",
                             "{'descr': '<f4', 'fortran_order': False, 'shape': (-2, 3)}",
                             "{'descr': '<f4', 'fortran_order': False, 'shape': [2, 3]}",
                             "{'descr': '<f4', 'fortran_order': False, 'shape': (00000000000000000002, 3)}",
                             "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 3)}",
                             "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3",
                             "{'descr': '<f4",
                             "{'descr",
                             "{:}",
                             "{,}"}) {
    CAPTURE(header);
    CHECK(refused(file_of(header, data)) == malformed);
  }
  std::string deep = "{'descr': '<f4', 'fortran_order': False, 'shape': (";
  for (int i = 0; i < 10000; ++i) deep += "1,";
  CHECK(refused(file_of(deep + ")}", data)) == malformed);
}

TEST_CASE("numbers that are none, or no floats, are refused wherever they stand") {
  std::string wide_header = plain;
  wide_header.replace(wide_header.find("<f4"), 3, "<f8");
  const float infinite = std::numeric_limits<float>::infinity();
  for (size_t at = 0; at < 6; ++at) {
    const std::string why = "its number " + std::to_string(at) + " is infinite, not a number, or too large for a float";
    for (const float bad : {infinite, -infinite, std::nanf("")}) {
      std::vector<float> numbers = six;
      numbers[at] = bad;
      CHECK(refused(file_of(plain, bytes_of(numbers))) == why);
    }
    for (const double bad : {1e39, -1e300, std::numeric_limits<double>::infinity(), std::nan("")}) {
      std::vector<double> numbers(six.begin(), six.end());
      numbers[at] = bad;
      CHECK(refused(file_of(wide_header, bytes_of(numbers))) == why);
    }
  }
  std::vector<float> got;
  CHECK(refused(file_of(wide_header, bytes_of(std::vector<double>{0.1, 1e-300, -1e-300, 3.4e38, -3.4e38, 1e-40})),
                &got) == "");
  CHECK(got == std::vector<float>{0.1f, 0.0f, -0.0f, 3.4e38f, -3.4e38f, 1e-40f});
}

TEST_CASE("every prefix is refused, and any damage gives six finite numbers or a reason") {
  const std::string whole = npy_bytes({2, 3}, six.data(), 6);
  for (size_t n = 0; n < whole.size(); ++n) {
    CAPTURE(n);
    CHECK(refused(whole.substr(0, n)) != "");
  }
  std::mt19937 rng(20);
  std::vector<float> numbers;
  const auto judge = [&](const std::string& file) {
    if (refused(file, &numbers) == "")
      CHECK(std::all_of(numbers.begin(), numbers.end(), [](float v) { return std::isfinite(v); }));
  };
  for (const char major : {'\1', '\2'}) {
    const std::string file = file_of(plain, bytes_of(six), major);
    for (size_t at = 0; at < file.size(); ++at)
      for (int value = 0; value < 256; ++value) {
        std::string other = file;
        other[at] = static_cast<char>(value);
        judge(other);
      }
    const std::string harmful = "{}()[],:'\"\\ \n0189<f4TrueFalse-";
    for (int i = 0; i < 100000; ++i) {
      std::string other = file;
      for (unsigned n = 1 + rng() % 4; n > 0; --n) {
        const size_t at = 6 + rng() % (other.size() - 6);
        if (rng() % 3 == 0)
          other.erase(at, 1 + rng() % 5);
        else if (rng() % 2 == 0)
          other.insert(at, 1, harmful[rng() % harmful.size()]);
        else
          other[at] = harmful[rng() % harmful.size()];
      }
      judge(other);
    }
  }
}

TEST_CASE("a model goes into a folder and back, and nothing else lies there") {
  const folder in;
  const std::string path = in.file("new/deep");
  const std::vector<float> w = some_weights();
  CHECK(save_npy<net>(path, w.data()).why == "");
  CHECK(names_in(path) == std::vector<std::string>{"0.bias.npy", "0.weight.npy", "2.bias.npy", "2.weight.npy"});
  CHECK(read(path + "/0.bias.npy") == npy_header({2}) + bytes_of(std::vector<float>(w.begin() + 6, w.begin() + 8)));
  std::vector<float> back(w.size(), 7.0f);
  CHECK(load_npy<net>(path, back.data()).why == "");
  CHECK(back == w);

  const std::vector<float> other(w.size(), 0.5f);
  CHECK(save_npy<net>(path + "/", other.data()));  // over the old ones
  write(path + "/9.weight.npy", "of somebody else's");
  CHECK(load_npy<net>(path + "/", back.data()));
  CHECK(back == other);
}

TEST_CASE("fixed point is exact on the way out, and rounded and saturated on the way in") {
  const folder in;
  typedef fixed8<5> q;
  std::vector<q> w(net::parameters()), back(w.size());
  for (size_t i = 0; i < w.size(); ++i) w[i].raw = static_cast<int8_t>(11 * static_cast<int>(i) - 100);
  CHECK(save_npy<net>(in.path, w.data()));
  CHECK(load_npy<net>(in.path, back.data()));
  CHECK(back == w);

  const std::vector<float> floats = {0.3f, 1e30f, -1e30f, 0, 0, 0};
  write(in.file("0.weight.npy"), npy_bytes({2, 3}, floats.data(), 6));
  CHECK(load_npy<net>(in.path, back.data()));
  CHECK(back[0].raw == 10);
  CHECK(back[1].raw == 127);
  CHECK(back[2].raw == -127);
}

TEST_CASE("one bad file among good ones: a reason that names it, and no weight changes") {
  const folder in;
  const std::vector<float> w = some_weights();
  const std::string last = in.file("2.bias.npy");
  const auto why = [&] {
    std::vector<float> back(w.size(), 7.0f);
    const npy_result result = load_npy<net>(in.path, back.data());
    CHECK(!result);
    CHECK(back == std::vector<float>(w.size(), 7.0f));
    fs::remove_all(last);
    return result.why;
  };
  REQUIRE(save_npy<net>(in.path, w.data()));
  const std::string good = read(last);
  fs::remove(last);
  CHECK(why() == "2.bias.npy: No such file or directory");
  write(last, good.substr(0, good.size() - 1));
  CHECK(why() == "2.bias.npy: it has 15 bytes of numbers, not 16");
  write(last, good + "x");
  CHECK(why() == "2.bias.npy: it has 17 bytes of numbers, not 16");
  write(last, npy_bytes({4, 1}, w.data(), 4));
  CHECK(why() == "2.bias.npy: its shape is (4, 1), the model's (4,)");
  write(last, good + std::string(65536, 'x'));
  CHECK(why() == "2.bias.npy: it has 65680 bytes, more than it can need");
  fs::create_directory(last);
  CHECK(why() == "2.bias.npy: it is not a regular file");
  REQUIRE(::mkfifo(last.c_str(), 0600) == 0);  // nobody writes: opening it must not wait
  CHECK(why() == "2.bias.npy: it is not a regular file");
  write(last, good);
  std::vector<float> back(w.size());
  CHECK(load_npy<net>(in.path, back.data()));
  CHECK(back == w);
}

TEST_CASE("where a file cannot be written none is replaced, and nothing is left beside") {
  const folder in;
  const std::vector<float> w = some_weights(), other(w.size(), 0.5f);
  REQUIRE(save_npy<net>(in.path, w.data()));
  // The last of them has a folder where it would be written.
  const std::string beside = "2.bias.npy." + std::to_string(::getpid()) + ".tmp";
  fs::create_directory(in.file(beside));
  CHECK(save_npy<net>(in.path, other.data()).why == "2.bias.npy: Is a directory");
  fs::remove(in.file(beside));
  CHECK(names_in(in.path).size() == 4);
  std::vector<float> back(w.size());
  REQUIRE(load_npy<net>(in.path, back.data()));
  CHECK(back == w);

  write(in.file("plain"), "a file");
  CHECK(save_npy<net>(in.file("plain"), w.data()).why == in.file("plain") + ": Not a directory");
}

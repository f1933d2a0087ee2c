// SPDX-License-Identifier: MIT
// NumPy's .npy files as bytes in memory: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
// For a host (C++17). Not part of the umbrella.
#pragma once

#include <float.h>
#include <string.h>

#include <string>
#include <string_view>
#include <vector>

#include <weir/core/bytes.hpp>
#include <weir/core/float_bits.hpp>
#include <weir/host/weight_arrays.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// The magic string, then two bytes of version.
inline constexpr std::string_view npy_magic = "\x93NUMPY";
/// Extents that NumPy's own arrays have at most (before 2.0).
inline constexpr size_t npy_most_extents = 32;

/// The header's text, a literal of Python: {'descr': '<f4', 'fortran_order': False, 'shape': (16, 64), }. Keys may have any
/// order, but each stands there once and no other does. Whatever the text is, reading it ends and stays inside.
class npy_dictionary {
 public:
  std::string_view descr;  ///< empty where it is no plain string
  bool fortran_order = false;
  std::vector<uint64_t> extents;

  /// False: it is not such a literal.
  bool parse(std::string_view text) {
    rest_ = text;
    if (!take('{')) return false;
    unsigned seen = 0;
    while (!take('}')) {
      std::string_view key;
      if (!string(key) || !take(':')) return false;
      const unsigned bit = key == "descr" ? 1 : key == "fortran_order" ? 2 : key == "shape" ? 4 : 8;
      if ((seen & bit) != 0 || !value(bit)) return false;
      seen |= bit;
      if (!take(',') && !sees('}')) return false;
    }
    skip_space();
    return seen == 7 && rest_.empty();
  }

 private:
  bool value(unsigned key) {
    if (key == 1) return string(descr);
    if (key == 2) return word("False") || (fortran_order = word("True"));
    return key == 4 && tuple();
  }
  /// (), (3,), (3, 4) or (3, 4,); no (3), which is a number.
  bool tuple() {
    if (!take('(')) return false;
    bool comma = true;
    while (!take(')')) {
      uint64_t n = 0;
      if (!comma || extents.size() == npy_most_extents || !number(n)) return false;
      extents.push_back(n);
      comma = take(',');
    }
    return comma || extents.size() > 1;
  }
  /// Below 10^19, which is below 2^64.
  bool number(uint64_t& n) {
    skip_space();
    size_t digits = 0;
    for (; digits < rest_.size() && rest_[digits] >= '0' && rest_[digits] <= '9'; ++digits) {
      if (digits == 19) return false;
      n = 10 * n + static_cast<uint64_t>(rest_[digits] - '0');
    }
    rest_.remove_prefix(digits);
    return digits > 0;
  }
  /// Without escapes: no name in a header needs any.
  bool string(std::string_view& s) {
    skip_space();
    if (rest_.empty() || (rest_[0] != '\'' && rest_[0] != '"')) return false;
    const size_t end = rest_.find(rest_[0], 1);
    if (end == std::string_view::npos) return false;
    s = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    return s.find('\\') == std::string_view::npos;
  }
  bool word(std::string_view w) {
    skip_space();
    if (rest_.substr(0, w.size()) != w) return false;
    rest_.remove_prefix(w.size());
    return true;
  }
  bool sees(char c) {
    skip_space();
    return !rest_.empty() && rest_[0] == c;
  }
  bool take(char c) {
    if (!sees(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void skip_space() {
    while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\n')) rest_.remove_prefix(1);
  }

  std::string_view rest_;
};

/// Somebody else's text, short and harmless enough for a terminal.
inline std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text.substr(0, 16)) out += c >= ' ' && c <= '~' ? c : '?';
  return out + (text.size() > 16 ? "...'" : "'");
}

}  // namespace detail

/// The most bytes that a file of n numbers may have: 8 each, and a header longer than NumPy (10,000) would read.
constexpr size_t npy_most_bytes(size_t n) noexcept { return 0x10000 + 8 * n; }

/// What stands before the numbers of a file of version 1.0: floats of 32 bits, little-endian, in C order. A multiple of 64
/// bytes. Of any but giant arrays it is what NumPy writes, byte for byte.
inline std::string npy_header(const std::vector<index_t>& extents) {
  constexpr size_t fixed_part = detail::npy_magic.size() + 4;
  std::string text = "{'descr': '<f4', 'fortran_order': False, 'shape': " + shape_text(extents) + ", }";
  text.append(63 - (fixed_part + text.size()) % 64, ' ');
  text += '\n';
  uint8_t length[2];
  store16(length, static_cast<uint16_t>(text.size()));
  std::string header(detail::npy_magic);
  header += {'\1', '\0', static_cast<char>(length[0]), static_cast<char>(length[1])};
  return header + text;
}

/// A whole file.
inline std::string npy_bytes(const std::vector<index_t>& extents, const float* numbers, size_t n) {
  std::string file = npy_header(extents);
  const size_t begin = file.size();
  file.resize(begin + 4 * n);
  for (size_t i = 0; i < n; ++i) store32(reinterpret_cast<uint8_t*>(&file[begin + 4 * i]), float_bits(numbers[i]));
  return file;
}

/// Reads a whole file that must hold an array of just these extents, n numbers in all, into `numbers`: versions 1.0 and
/// 2.0, '<f4' or '<f8' (rounded to floats), C order. Returns nothing, or why it is refused; then some numbers may have been
/// written. The file may be anything: what it says of its shape is compared, never computed with.
inline std::string read_npy(const_bytes file, const std::vector<index_t>& extents, float* numbers, size_t n) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  const size_t magic = detail::npy_magic.size();
  if (text.substr(0, magic) != detail::npy_magic) return "it is not a .npy file";
  if (text.size() < magic + 2) return "it ends inside its header";
  const unsigned major = file[magic], minor = file[magic + 1];
  if ((major != 1 && major != 2) || minor != 0)
    return "it has version " + std::to_string(major) + "." + std::to_string(minor) + ", not 1.0 or 2.0";

  const size_t begin = magic + 2 + (major == 1 ? 2 : 4);
  if (text.size() < begin) return "it ends inside its header";
  const size_t length = major == 1 ? load16(file.data() + magic + 2) : load32(file.data() + magic + 2);
  if (text.size() - begin < length) return "it ends inside its header";
  detail::npy_dictionary header;
  if (!header.parse(text.substr(begin, length)))
    return "its header is not a dictionary of a plain descr, fortran_order and shape";

  if (header.descr != "<f4" && header.descr != "<f8")
    return "its numbers are " + detail::quoted(header.descr) + ", not '<f4' or '<f8'";
  if (header.fortran_order) return "it is in Fortran order: save numpy.ascontiguousarray(...) of it";
  bool same = header.extents.size() == extents.size();
  for (size_t i = 0; same && i < extents.size(); ++i) same = header.extents[i] == extents[i];
  if (!same) return "its shape is " + shape_text(header.extents) + ", the model's " + shape_text(extents);

  const bool wide = header.descr == "<f8";
  const const_bytes data = file.after(begin + length);
  const size_t each = wide ? 8 : 4;
  if (data.size() != each * n)
    return "it has " + std::to_string(data.size()) + " bytes of numbers, not " + std::to_string(each * n);
  for (size_t i = 0; i < n; ++i) {
    const uint8_t* const from = data.data() + each * i;
    if (!wide) {
      numbers[i] = float_of_bits(load32(from));
    } else {
      const uint64_t bits = load64(from);
      double v;
      memcpy(&v, &bits, sizeof v);
      const double most = static_cast<double>(FLT_MAX);
      numbers[i] = v >= -most && v <= most ? static_cast<float>(v) : float_of_bits(UINT32_C(0x7f800000));
    }
    if (!is_finite(numbers[i]))
      return "its number " + std::to_string(i) + " is infinite, not a number, or too large for a float";
  }
  return {};
}

}  // namespace WEIR_ABI
}  // namespace weir

// SPDX-License-Identifier: MIT
// A model's weights as a folder of NumPy's .npy files: to PyTorch and back.
// For a host with a file system (C++17, POSIX). Not part of the umbrella.
#pragma once

#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include <weir/core/number.hpp>
#include <weir/host/npy_format.hpp>
#include <weir/host/sync_folder.hpp>
#include <weir/host/weight_arrays.hpp>
#include <weir/host/whole_file.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// Done, or why not: "0.weight.npy: its shape is (64, 16), the model's (16, 64)".
struct [[nodiscard]] npy_result {
  std::string why;
  explicit operator bool() const noexcept { return why.empty(); }
};

namespace detail {

inline std::string npy_path(const std::string& folder, const weight_array& a) {
  return (std::filesystem::path(folder) / (a.name + ".npy")).string();
}

/// All files are there before the first one is moved to its place.
inline npy_result save_arrays(const std::string& folder, const std::vector<weight_array>& arrays, const float* w) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return {folder + ": " + failed.message()};
  std::vector<whole_file> files;
  files.reserve(arrays.size());
  for (const weight_array& a : arrays) {
    files.emplace_back(npy_path(folder, a));
    if (!files.back().write(npy_bytes(a.extents, w + a.offset, a.size))) return {a.name + ".npy: " + errno_text()};
  }
  for (size_t i = 0; i < files.size(); ++i)
    if (!files[i].move()) return {arrays[i].name + ".npy: " + errno_text()};
  if (!files.empty() && !sync_folder(npy_path(folder, arrays[0]))) return {folder + ": " + errno_text()};
  return {};
}

inline npy_result load_arrays(const std::string& folder, const std::vector<weight_array>& arrays, float* w) {
  std::vector<uint8_t> file;
  for (const weight_array& a : arrays) {
    std::string why = read_whole(npy_path(folder, a), npy_most_bytes(a.size), file);
    if (why.empty()) why = read_npy(const_bytes(file.data(), file.size()), a.extents, w + a.offset, a.size);
    if (!why.empty()) return {a.name + ".npy: " + why};
  }
  return {};
}

}  // namespace detail

/// Writes a model's weights w[Model::parameters()], one file for each array ("0.weight.npy", "0.bias.npy"...; names and
/// shapes are PyTorch's for the same nn.Sequential), as floats. Makes the folder; replaces files of the same names, each as
/// a whole, and leaves others alone. Where it fails before the first one is replaced, none is.
///
///   weir::save_npy<net>("weights", device.weights().data())
///   weir::load_npy<net>("weights", learner.weights().data())
///
/// In Python, numpy.load reads each, and PyTorch takes them as they are, by name, with two exceptions, for which
/// tests/npy/state_dict.py has the few lines:
///   - recurrent layers have the sums of PyTorch's two biases: "bias" is bias_ih + bias_hh. A GRU multiplies what its new
///     gate has of bias_hh by r, so that stands apart: "bias_hn" is the last third of bias_hh, and the last third of "bias"
///     is bias_ih's alone.
///   - batch norm's num_batches_tracked is not there.
template <class Model, class A>
npy_result save_npy(const std::string& folder, const A* w) {
  std::vector<float> numbers(Model::parameters());
  for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = to_float(w[i]);
  return detail::save_arrays(folder, weight_arrays<Model>(), numbers.data());
}

/// Reads them all, or changes nothing and says which file is wrong and why. Files may hold '<f4' or '<f8', in C order, with
/// the model's shapes and finite numbers; other files in the folder do not matter. Fixed point takes the nearest number
/// that it has, at most the end of its range. For learners, after begin(): a worker's weights come from its coordinator.
template <class Model, class A>
npy_result load_npy(const std::string& folder, A* w) {
  std::vector<float> numbers(Model::parameters());
  npy_result result = detail::load_arrays(folder, weight_arrays<Model>(), numbers.data());
  if (result)
    for (size_t i = 0; i < numbers.size(); ++i) w[i] = static_cast<A>(numbers[i]);
  return result;
}

}  // namespace WEIR_ABI
}  // namespace weir

// SPDX-License-Identifier: MIT
// For a host (C++17). Not part of the umbrella.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <weir/policy/shape.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// One array among a model's weights.
struct weight_array {
  std::string name;  ///< as in PyTorch's state_dict() of an nn.Sequential: "2.weight", inside a skip "3.0.bias"
  std::vector<index_t> extents;  ///< outermost first
  size_t offset;                 ///< of its first number among the model's
  size_t size;                   ///< the product of its extents
};

/// (16, 64), as Python writes a tuple; of one number (16,).
template <class Integer>
std::string shape_text(const std::vector<Integer>& extents) {
  std::string text = "(";
  for (size_t i = 0; i < extents.size(); ++i) text += (i == 0 ? "" : ", ") + std::to_string(extents[i]);
  return text + (extents.size() == 1 ? ",)" : ")");
}

namespace detail {

/// Listens to sequential::describe.
class weight_lister {
 public:
  void layer(index_t index) { path_.push_back(index); }
  void end_layer() { path_.pop_back(); }
  template <index_t... Extents>
  void array(const char* name, shape<Extents...>) {
    std::string full;
    for (const index_t index : path_) full += std::to_string(index) + ".";
    full += name;
    for (const weight_array& other : arrays)
      if (other.name == full) throw std::logic_error("weir: a layer describes " + full + " twice");
    arrays.push_back({std::move(full), {Extents...}, size, shape<Extents...>::size()});
    size += arrays.back().size;
  }

  std::vector<weight_array> arrays;
  size_t size = 0;

 private:
  std::vector<index_t> path_;
};

}  // namespace detail

/// All arrays of weights of a model (a sequential<...>), in the order they lie. Throws std::logic_error where a layer's
/// `describe` does not say what its parameters() says.
template <class Model>
std::vector<weight_array> weight_arrays() {
  detail::weight_lister list;
  Model::describe(list);
  if (list.size != Model::parameters())
    throw std::logic_error("weir: the layers describe " + std::to_string(list.size) + " weights, and have " +
                           std::to_string(Model::parameters()));
  return std::move(list.arrays);
}

/// The same for people: a line each of name, shape, and the offset of its first number.
template <class Model>
std::string weight_text() {
  std::string text;
  for (const weight_array& a : weight_arrays<Model>())
    text += a.name + " " + shape_text(a.extents) + " " + std::to_string(a.offset) + "\n";
  return text;
}

}  // namespace WEIR_ABI
}  // namespace weir

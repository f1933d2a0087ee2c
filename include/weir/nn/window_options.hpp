// SPDX-License-Identifier: MIT
// Options given as types, in any order: found, counted and checked.
#pragma once

#include <weir/nn/window.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// Channels fall into N groups, and an output sees the channels of its own group only. As many groups as channels: each
/// output sees one channel (depthwise).
template <index_t N>
struct groups {};

namespace detail {

/// What a type says as an option.
enum class option : uint8_t { none, window, stride, padding, dilation, groups, init };

template <class T, class = void>
struct option_of {
  static constexpr option get() noexcept { return option::none; }
};
template <class T>
struct option_of<T, void_t<bool_constant<(T::bound(1, 1) > 0)>>> {
  static constexpr option get() noexcept { return option::init; }
};
template <index_t... N>
struct option_of<window<N...>> {
  static constexpr option get() noexcept { return option::window; }
};
template <index_t... N>
struct option_of<stride<N...>> {
  static constexpr option get() noexcept { return option::stride; }
};
template <index_t... N>
struct option_of<padding<N...>> {
  static constexpr option get() noexcept { return option::padding; }
};
template <>
struct option_of<same> {
  static constexpr option get() noexcept { return option::padding; }
};
template <index_t... N>
struct option_of<dilation<N...>> {
  static constexpr option get() noexcept { return option::dilation; }
};
template <index_t N>
struct option_of<groups<N>> {
  static constexpr option get() noexcept { return option::groups; }
};

/// The first option that says What, or Default.
template <option What, class Default, class... Options>
struct find_option {
  typedef Default type;
  static constexpr index_t count() noexcept { return 0; }
};
template <option What, class Default, class First, class... Rest>
struct find_option<What, Default, First, Rest...> {
  typedef find_option<What, Default, Rest...> rest;
  static constexpr bool here() noexcept { return option_of<First>::get() == What; }
  typedef typename conditional<here(), First, typename rest::type>::type type;
  static constexpr index_t count() noexcept { return static_cast<index_t>(rest::count() + (here() ? 1 : 0)); }
};

/// The options of a window.
template <class... Options>
struct window_options {
  typedef find_option<option::window, window<>, Options...> windows;
  typedef find_option<option::stride, stride<>, Options...> strides;
  typedef find_option<option::padding, padding<>, Options...> paddings;
  typedef find_option<option::dilation, dilation<>, Options...> dilations;
  static_assert(windows::count() > 0,
                "weir: this layer needs a window: conv2d<6, window<5, 5>>, max_pool<window<2, 2>>");
  static_assert(windows::count() <= 1 && strides::count() <= 1 && paddings::count() <= 1 && dilations::count() <= 1 &&
                    find_option<option::groups, void, Options...>::count() <= 1 &&
                    find_option<option::init, void, Options...>::count() <= 1,
                "weir: an option of this layer is given twice (padding<...> and same are one)");

  typedef typename windows::type window_type;
  typedef typename strides::type stride_type;
  typedef typename paddings::type padding_type;
  typedef typename dilations::type dilation_type;

  /// Each has a number for each of so many axes.
  static constexpr bool fit(index_t axes) noexcept {
    return count_of<window_type>::get() == axes && fits<stride_type>(axes) && fits<padding_type>(axes) &&
           fits<dilation_type>(axes);
  }

 private:
  template <class List>
  static constexpr bool fits(index_t axes) noexcept {
    return count_of<List>::get() == axes || count_of<List>::get() == 0;
  }
};

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir

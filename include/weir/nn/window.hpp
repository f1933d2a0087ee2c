// SPDX-License-Identifier: MIT
// A window that slides over up to three axes (time, height, width): how users describe it, and where it stands.
#pragma once

#include <weir/policy/shape.hpp>

namespace weir {
inline namespace WEIR_ABI {

// Options of convolutions and pools, in any order, with one number for each axis behind the channels: outermost first, as in
// the shape. (`kernel` is where the library's kernels live; here it is called a window.)

/// How many cells the window takes in.
template <index_t... Extents>
struct window {};
/// How far it moves at a time.
template <index_t... Steps>
struct stride {};
/// So many cells of nothing at either end of an axis.
template <index_t... Cells>
struct padding {};
/// As much padding as makes ceil(extent / stride) outputs; of an odd number, one more behind than in front.
struct same {};
/// Cells of the window that are neighbours are so far apart in the input.
template <index_t... Steps>
struct dilation {};

namespace detail {

struct index_run {
  index_t first, end;
};

/// One axis: the window's cell k at output o sees the input at o * step + k * spread - before, or padding.
template <index_t In, index_t Taps, index_t Step, index_t Padding, index_t Spread, bool Same>
struct axis {
  static_assert(Taps > 0 && Step > 0 && Spread > 0,
                "weir: window<...>, stride<...> and dilation<...> are made of numbers of at least 1");
  static constexpr uint32_t most() noexcept { return static_cast<index_t>(-1) / 2; }
  static_assert(static_cast<uint64_t>(Taps - 1) * Spread < most() && Padding < most() / 2 && In < most() &&
                    Step < most(),
                "weir: this window reaches farther than index_t can count on this machine");
  static constexpr index_t span() noexcept { return static_cast<index_t>((Taps - 1) * Spread + 1); }
  static_assert(Same || span() <= static_cast<uint64_t>(In) + 2 * static_cast<uint64_t>(Padding),
                "weir: the window, spread by its dilation, is larger than the padded input");

  static constexpr index_t in() noexcept { return In; }
  static constexpr index_t taps() noexcept { return Taps; }
  static constexpr index_t step() noexcept { return Step; }
  static constexpr index_t spread() noexcept { return Spread; }
  static constexpr index_t out() noexcept {
    return static_cast<index_t>(Same                        ? (In - 1) / Step + 1
                                : In + 2 * Padding < span() ? 1  // refused above
                                                            : (In + 2 * Padding - span()) / Step + 1);
  }
  static constexpr index_t before() noexcept {
    return static_cast<index_t>(!Same ? Padding : reach() > In ? (reach() - In) / 2 : 0);
  }
  struct inputs {
    static constexpr index_t extent() noexcept { return In; }
  };
  struct outputs {
    static constexpr index_t extent() noexcept { return out(); }
  };
  /// Cells of the padded input that windows see, and how many of them are inputs: a stride may leave some behind.
  static constexpr index_t framed() noexcept { return static_cast<index_t>(reach()); }
  static constexpr index_t framed_inputs() noexcept {
    return static_cast<index_t>(reach() - before() < In ? reach() - before() : In);
  }
  /// No window sees padding.
  static constexpr bool inside() noexcept { return before() == 0 && reach() <= In; }
  /// Nothing slides: output o is input o.
  static constexpr bool plain() noexcept { return Taps == 1 && Step == 1 && before() == 0; }

  /// The window's cells that at output o see inputs.
  static index_run taps_at(index_t o) noexcept {
    if (inside()) return index_run{0, Taps};
    const index_t at = static_cast<index_t>(o * Step);
    return index_run{steps(before(), at, Spread), fewer(steps(before() + In, at, Spread), Taps)};
  }
  /// The outputs at which the window's cell k sees inputs: the first may lie behind the end.
  static index_run outputs_at(index_t k) noexcept {
    if (inside()) return index_run{0, out()};
    const index_t at = static_cast<index_t>(k * Spread);
    const index_run run = {steps(before(), at, Step), fewer(steps(before() + In, at, Step), out())};
    return index_run{fewer(run.first, run.end), run.end};
  }
  /// What cell k sees at output o.
  static constexpr index_t seen(index_t o, index_t k) noexcept {
    return static_cast<index_t>(o * Step + k * Spread - before());
  }

 private:
  static constexpr uint32_t reach() noexcept { return static_cast<uint32_t>(out() - 1) * Step + span(); }
  static constexpr index_t fewer(index_t a, index_t b) noexcept { return a < b ? a : b; }
  /// The least number of steps from `at` on that comes to `goal`.
  static constexpr index_t steps(index_t goal, index_t at, index_t step) noexcept {
    return static_cast<index_t>(goal <= at ? 0 : (goal - at - 1) / step + 1);
  }
};
typedef axis<1, 1, 1, 0, 1, false> no_axis;

/// Number I of a list such as shape<...> or stride<...>; `Else` behind its end.
template <index_t I, index_t Else, class List>
struct number_at {
  static constexpr index_t get() noexcept { return Else; }
};
template <index_t Else, template <index_t...> class List, index_t First, index_t... Rest>
struct number_at<0, Else, List<First, Rest...>> {
  static constexpr index_t get() noexcept { return First; }
};
template <index_t I, index_t Else, template <index_t...> class List, index_t First, index_t... Rest>
struct number_at<I, Else, List<First, Rest...>> : number_at<I - 1, Else, List<Rest...>> {};

template <class List>
struct count_of {
  static constexpr index_t get() noexcept { return 0; }
};
template <template <index_t...> class List, index_t... Numbers>
struct count_of<List<Numbers...>> {
  static constexpr index_t get() noexcept { return sizeof...(Numbers); }
};

/// The shape of the outputs of `Channels` planes.
template <index_t Rank, index_t Channels, class T, class H, class W>
struct slid_shape {
  typedef shape<Channels, T::out(), H::out(), W::out()> type;
};
template <index_t Channels, class T, class H, class W>
struct slid_shape<2, Channels, T, H, W> {
  typedef shape<Channels, H::out(), W::out()> type;
};
template <index_t Channels, class T, class H, class W>
struct slid_shape<1, Channels, T, H, W> {
  typedef shape<Channels, W::out()> type;
};

/// A window over inputs of shape `In`, whose first extent is the channels: three axes, those that In has not of extent 1.
template <class In, class Window, class Stride, class Padding, class Dilation>
struct sliding {
  static constexpr index_t rank() noexcept { return static_cast<index_t>(In::rank() - 1); }

 private:
  /// `I` counts from the innermost axis.
  template <index_t I, bool Exists = (I < In::rank() - 1)>
  struct along {
    typedef no_axis type;
  };
  template <index_t I>
  struct along<I, true> {
    static constexpr index_t at = In::rank() - 2 - I;
    typedef axis<number_at<at + 1, 1, In>::get(), number_at<at, 1, Window>::get(), number_at<at, 1, Stride>::get(),
                 number_at<at, 0, Padding>::get(), number_at<at, 1, Dilation>::get(), is_same<Padding, same>::value>
        type;
  };
  typedef typename along<2>::type outer;
  typedef typename along<1>::type middle;
  typedef typename along<0>::type inner;
  static constexpr bool plain() noexcept { return outer::plain() && middle::plain() && inner::plain(); }
  /// Where nothing slides, a plane is one long line.
  typedef axis<outer::in() * middle::in() * inner::in(), 1, 1, 0, 1, false> line;

 public:
  typedef typename conditional<plain(), no_axis, outer>::type t;
  typedef typename conditional<plain(), no_axis, middle>::type h;
  typedef typename conditional<plain(), line, inner>::type w;
  template <index_t Channels>
  struct output : slid_shape<rank(), Channels, outer, middle, inner> {};

  static constexpr index_t channels() noexcept { return number_at<0, 1, In>::get(); }
  /// Cells of a channel, of its outputs, and of the window.
  static constexpr index_t plane() noexcept { return static_cast<index_t>(In::size() / channels()); }
  static constexpr index_t positions() noexcept { return output<1>::type::size(); }
  static constexpr index_t taps() noexcept { return static_cast<index_t>(t::taps() * h::taps() * w::taps()); }
  static constexpr bool slides() noexcept { return !plain(); }
  static constexpr uint32_t fingerprint(uint32_t so_far) noexcept {
    return print<outer>(print<middle>(print<inner>(In::fingerprint(so_far))));
  }

  // Cells from one (t, h, 0) of a plane or of its outputs.
  static constexpr index_t in_row(index_t it, index_t ih) noexcept {
    return static_cast<index_t>((it * h::in() + ih) * w::in());
  }
  static constexpr index_t out_row(index_t ot, index_t oh) noexcept {
    return static_cast<index_t>((ot * h::out() + oh) * w::out());
  }
  static constexpr index_t tap_row(index_t kt, index_t kh) noexcept {
    return static_cast<index_t>((kt * h::taps() + kh) * w::taps());
  }

 private:
  template <class Axis>
  static constexpr uint32_t print(uint32_t so_far) noexcept {
    return mix(mix(mix(mix(mix(so_far, Axis::taps()), Axis::step()), Axis::before()), Axis::spread()), Axis::out());
  }
};

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir

// SPDX-License-Identifier: MIT
#pragma once

#include <weir/kernel/matvec.hpp>
#include <weir/nn/init.hpp>
#include <weir/nn/outer.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// a . b as a float, whatever they are made of.
template <class A>
float dot_as_float(const A* a, const A* b, index_t n) noexcept {
  float sum = 0;
  for (index_t i = 0; i < n; ++i) sum += to_float(a[i]) * to_float(b[i]);
  return sum;
}
inline float dot_as_float(const float* a, const float* b, index_t n) noexcept {
  return kernel::dot(a, b, n, kernel::native());
}

}  // namespace detail

/// Every output sees every input: y = W x + b. Weights: W row by row (outputs x inputs), then b.
template <index_t Outputs, class Init = he_uniform>
struct dense {
  static_assert(Outputs > 0, "weir: a dense layer needs at least one output");

  template <class In>
  struct on : layer_defaults {
    static_assert(In::rank() == 1,
                  "weir: dense needs a flat input; the shape in front of it has more than one dimension");
    typedef shape<Outputs> output;

    static constexpr index_t inputs() noexcept { return In::size(); }
    static_assert((static_cast<uint64_t>(In::size()) + 1) * Outputs <= static_cast<index_t>(-1),
                  "weir: this dense layer has more weights than index_t can count on this machine");
    static constexpr index_t parameters() noexcept { return static_cast<index_t>((inputs() + 1) * Outputs); }
    static constexpr uint32_t fingerprint() noexcept { return mix(mix(name_id("dense"), inputs()), Outputs); }

    /// One output of one sample: its weights, then its bias, stand in `row`.
    static constexpr index_t row_size() noexcept { return inputs(); }
    template <class A, class X>
    static void row(const A* row, const X* x, A* y) noexcept {
      kernel::matvec(row, row + inputs(), x, y, 1, inputs(), kernel::native());
    }

    template <class A>
    static constexpr index_t scratch(index_t batch) noexcept {
      return is_same<A, float>::value && worth_turning(batch) ? kernel::turned_scratch(batch, Outputs, inputs()) : 0;
    }

    template <class A>
    static void initialize(A* w, random_bits& random) noexcept {
      constexpr uint16_t bound = Init::bound(In::size(), Outputs);
      detail::fill_uniform(w, static_cast<index_t>(inputs() * Outputs), bound, random);
      for (index_t o = 0; o < Outputs; ++o) w[inputs() * Outputs + o] = A();
    }
    template <class Visitor>
    static void describe(Visitor& v) {
      v.array("weight", shape<Outputs, In::size()>());
      v.array("bias", shape<Outputs>());
    }

    template <index_t B, class A, class X>
    static void forward(const A* w, const X* x, A* y, const layer_memory<A>& m) noexcept {
      forward<B>(w, x, y, m.scratch, batched<B, A, X>());
    }
    template <index_t B, class A, class X>
    static void backward(const A* w, const X*, const A*, const layer_memory<A>&, const A* dy, A* dx) noexcept {
      backward<B>(w, dy, dx, batched<B, A, A>());
    }
    template <index_t B, class A, class X, class Sink>
    static void gradient(const X* x, const A*, const layer_memory<A>&, const A* dy, Sink& sink,
                         index_t offset) noexcept {
      detail::add_outer<Outputs, inputs(), B>(sink, offset, dy, Outputs, x, inputs());
      for (index_t b = 0; b < B; ++b)
        sink.add(static_cast<index_t>(offset + inputs() * Outputs), dy + b * Outputs, Outputs);
    }

    /// sum over b, c of (dy_b . dy_c) (x_b . x_c + 1): the norm of a sum of outer products from its Gram matrices.
    template <index_t B, class A, class X>
    static float gradient_norm2(const X* x, const layer_memory<A>&, const A* dy) noexcept {
      float sum = 0;
      for (index_t b = 0; b < B; ++b)
        for (index_t c = 0; c <= b; ++c) {
          const float term = detail::dot_as_float(dy + b * Outputs, dy + c * Outputs, Outputs) *
                             (detail::dot_as_float(x + b * inputs(), x + c * inputs(), inputs()) + 1);
          sum += b == c ? term : 2 * term;
        }
      return sum < 0 ? 0 : sum;
    }

   private:
    /// Floats go through matrix products: batches, and on a machine with vectors a single sample, too.
    template <index_t B, class A, class X>
    struct batched : bool_constant<(B > 1 || kernel::vectors<kernel::native>::exist()) && is_same<A, float>::value &&
                                   is_same<X, float>::value> {};

    /// Turning samples over costs less than sums over wide vectors, as soon as there is a vector's worth of them.
    static constexpr bool worth_turning(index_t batch) noexcept { return kernel::wide<kernel::native>() && batch >= 8; }

    template <index_t B>
    static void product(const float* w, const float* x, float* y, float* scratch_, true_type) noexcept {
      const kernel::from_column_bias bias = {w + inputs() * Outputs};
      kernel::product_turned<B, Outputs, inputs()>(x, inputs(), w, inputs(), y, Outputs, bias, scratch_,
                                                   kernel::native());
    }
    template <index_t B>
    static void product(const float* w, const float* x, float* y, float*, false_type) noexcept {
      const kernel::from_column_bias bias = {w + inputs() * Outputs};
      kernel::product_of_rows<B, Outputs, inputs()>(x, inputs(), w, inputs(), y, Outputs, bias, kernel::native());
    }
    template <index_t B>
    static void forward(const float* w, const float* x, float* y, float* scratch_, true_type) noexcept {
      product<B>(w, x, y, scratch_, bool_constant<worth_turning(B)>());
    }
    template <index_t B, class A, class X>
    static void forward(const A* w, const X* x, A* y, A*, false_type) noexcept {
      for (index_t b = 0; b < B; ++b)
        kernel::matvec(w, w + inputs() * Outputs, x + b * inputs(), y + b * Outputs, Outputs, inputs(),
                       kernel::native());
    }

    template <index_t B>
    static void backward(const float* w, const float* dy, float* dx, true_type) noexcept {
      kernel::product<B, inputs(), Outputs>(dy, Outputs, 1, w, inputs(), dx, inputs(), kernel::from_zero(),
                                            kernel::native());
    }
    template <index_t B, class A>
    static void backward(const A* w, const A* dy, A* dx, false_type) noexcept {
      for (index_t b = 0; b < B; ++b)
        kernel::matvec_transposed(w, dy + b * Outputs, dx + b * inputs(), Outputs, inputs(), kernel::native());
    }
  };
};

}  // namespace WEIR_ABI
}  // namespace weir

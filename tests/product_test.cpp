// SPDX-License-Identifier: MIT
#include "support/kernel_data.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <vector>
#include <weir/kernel/product.hpp>

namespace k = weir::kernel;
using namespace test_support;
using weir::index_t;

namespace {

/// C and what surrounds it: rows of C lie farther apart than they are long, and nothing else may change.
struct around {
  std::vector<float> all;
  index_t row;
  around(index_t m, index_t n) : all((m + 2) * (n + 5), 3.0f), row(n + 5) {}
  float* c() { return all.data() + row + 2; }
};

template <index_t M, index_t N, index_t K>
struct problem {
  std::vector<float> a, b, bias;
  explicit problem(uint32_t seed)
      : a(random_floats(M * K + 3 * (M + K), seed)),
        b(random_floats(N * K + 3 * (N + K), seed + 1)),
        bias(random_floats(M + N, seed + 2)) {}
};

template <class Start>
Start start_of(const std::vector<float>& bias);
template <>
k::from_zero start_of<k::from_zero>(const std::vector<float>&) {
  return k::from_zero();
}
template <>
k::from_row_bias start_of<k::from_row_bias>(const std::vector<float>& bias) {
  return k::from_row_bias{bias.data()};
}
template <>
k::from_column_bias start_of<k::from_column_bias>(const std::vector<float>& bias) {
  return k::from_column_bias{bias.data()};
}
template <>
k::added_to start_of<k::added_to>(const std::vector<float>& bias) {
  return k::added_to{bias[0]};
}

/// The same on this machine's vectors and by the reference, to the bit; and near the sum in double.
template <index_t M, index_t N, index_t K, class Start>
void check_start() {
  typedef typename std::conditional<k::native::lanes() == 16, k::lanes16, k::scalar>::type reference;
  for (uint32_t seed = 1; seed <= 3; ++seed) {
    CAPTURE(M);
    CAPTURE(N);
    CAPTURE(K);
    CAPTURE(seed);
    const problem<M, N, K> p(seed);
    const Start start = start_of<Start>(p.bias);
    const auto compare = [&](around& got, around& want, index_t b_step, index_t b_row, index_t a_row,
                             index_t a_column) {
      CHECK(std::memcmp(got.all.data(), want.all.data(), got.all.size() * sizeof(float)) == 0);
      float untouched = 3.0f;
      for (index_t i = 0; i < M; ++i)
        for (index_t j = 0; j < N; ++j) {
          double sum = static_cast<double>(start.at(i, j, &untouched)), size = std::fabs(sum);
          for (index_t l = 0; l < K; ++l) {
            const double term = static_cast<double>(start.of(p.a[i * a_row + l * a_column])) *
                                static_cast<double>(p.b[l * b_step + j * b_row]);
            sum += term;
            size += std::fabs(term);
          }
          CHECK(std::fabs(static_cast<double>(got.c()[i * got.row + j]) - sum) <= 1e-5 * size);
        }
    };
    {  // rows of a, then columns of a: both with gaps
      around got(M, N), want(M, N);
      k::product<M, N, K>(p.a.data(), K + 3, 1, p.b.data(), N + 3, got.c(), got.row, start, k::native());
      k::product<M, N, K>(p.a.data(), K + 3, 1, p.b.data(), N + 3, want.c(), want.row, start, k::scalar());
      compare(got, want, N + 3, 1, K + 3, 1);
    }
    {
      around got(M, N), want(M, N);
      k::product<M, N, K>(p.a.data(), 1, M + 3, p.b.data(), N, got.c(), got.row, start, k::native());
      k::product<M, N, K>(p.a.data(), 1, M + 3, p.b.data(), N, want.c(), want.row, start, k::scalar());
      compare(got, want, N, 1, 1, M + 3);
    }
    {
      around got(M, N), want(M, N);
      k::product_of_rows<M, N, K>(p.a.data(), K + 3, p.b.data(), K + 3, got.c(), got.row, start, k::native());
      k::product_of_rows<M, N, K>(p.a.data(), K + 3, p.b.data(), K + 3, want.c(), want.row, start, reference());
      compare(got, want, 1, K + 3, K + 3, 1);
    }
  }
}

template <index_t M, index_t N, index_t K>
void check() {
  check_start<M, N, K, k::from_zero>();
  check_start<M, N, K, k::from_row_bias>();
  check_start<M, N, K, k::from_column_bias>();
  check_start<M, N, K, k::added_to>();
}

template <index_t M, index_t N, index_t K, class Start>
void check_turned() {
  const problem<M, N, K> p(M + N + K);
  const Start start = start_of<Start>(p.bias);
  around got(M, N), want(M, N);
  std::vector<float> scratch(k::turned_scratch(M, N, K) + 8, 9.0f);
  k::product_turned<M, N, K>(p.a.data(), K + 3, p.b.data(), K + 2, got.c(), got.row, start, scratch.data(),
                             k::native());
  for (size_t i = scratch.size() - 8; i < scratch.size(); ++i) CHECK(scratch[i] == 9.0f);
  std::vector<float> turned(N * K);
  for (index_t j = 0; j < N; ++j)
    for (index_t l = 0; l < K; ++l) turned[l * N + j] = p.b[j * (K + 2) + l];
  k::product<M, N, K>(p.a.data(), K + 3, 1, turned.data(), N, want.c(), want.row, start, k::scalar());
  CHECK(std::memcmp(got.all.data(), want.all.data(), got.all.size() * sizeof(float)) == 0);
}

template <index_t M, index_t N, index_t K>
void check_turned_all() {
  check_turned<M, N, K, k::from_zero>();
  check_turned<M, N, K, k::from_row_bias>();
  check_turned<M, N, K, k::from_column_bias>();
}

}  // namespace

TEST_CASE("products of matrices: every instruction set, to the bit, at all edges of tiles") {
  check<1, 1, 1>();
  check<1, 7, 3>();
  check<2, 16, 5>();
  check<3, 17, 16>();
  check<4, 12, 70>();  // deeper than one table of scaled numbers
  check<5, 31, 9>();
  check<6, 49, 25>();
  check<8, 48, 2>();
  check<9, 64, 33>();
  check<13, 33, 130>();
  check<16, 100, 15>();
  check<25, 10, 17>();
  check<32, 3, 64>();
}

TEST_CASE("a product turned over gives the same bits as one that is not") {
  check_turned_all<1, 1, 1>();
  check_turned_all<8, 20, 13>();
  check_turned_all<20, 8, 13>();
  check_turned_all<9, 9, 4>();
  check_turned_all<32, 33, 50>();
  check_turned_all<33, 32, 5>();
}

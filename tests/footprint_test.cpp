// SPDX-License-Identifier: MIT
// All the memory a node has is its sizeof, and that is a sum that can be written down.
#include <weir/weir.hpp>

#include <doctest/doctest.h>
#include <initializer_list>
#include <type_traits>

namespace {

struct port {
  void* device;
  static int read() noexcept { return -1; }
  static bool write(uint8_t) noexcept { return false; }
};
typedef weir::byte_stream<port> line;

struct part {
  size_t bytes, alignment;
};
template <class T>
constexpr part a(size_t count = 1) {
  return part{count * sizeof(T), alignof(T)};
}
size_t up_to(size_t at, size_t alignment) { return (at + alignment - 1) / alignment * alignment; }

/// One after the other, each at its alignment: what a compiler does with members.
size_t laid_out(std::initializer_list<part> parts) {
  size_t at = 0, most = 1;
  for (const part& p : parts) {
    if (p.bytes == 0) continue;
    at = up_to(at, p.alignment) + p.bytes;
    most = p.alignment > most ? p.alignment : most;
  }
  return up_to(at, most);
}

/// Weights, residual, optimizer's state and local weights in numbers of cells; the workspace; counters.
template <class Number, class Model, size_t Batch>
size_t of_training(size_t optimizer_cells, size_t local_cells) {
  typedef typename weir::number<Number>::weight weight;
  typedef typename weir::number<Number>::residual residual;
  typedef typename weir::number<Number>::velocity velocity;
  const size_t n = Model::parameters();
  return laid_out({a<velocity>(optimizer_cells * n), a<weight>(local_cells * n), a<weight>(n), a<residual>(n),
                   a<weight>(2 * Batch * Model::elements() + Model::layers::template scratch<weight>(Batch)),
                   a<uint32_t>(2), a<bool>(2)});
}

template <class Number, class Model, class Pipe, size_t Batch, size_t FrameBytes>
size_t of_worker(size_t optimizer_cells, size_t local_cells) {
  typedef weir::gate_state<typename Pipe::threshold_type, typename Pipe::encoder_type> gate;
  typedef weir::worker<Number, Model, weir::softmax_cross_entropy, Pipe, Batch, FrameBytes> worker;
  static_assert(std::is_trivially_default_constructible<worker>::value,
                "a static worker is zero, without a constructor");
  static_assert(std::is_trivially_copyable<worker>::value, "");
  static_assert(std::is_trivially_destructible<worker>::value, "");
  const part training = {of_training<Number, Model, Batch>(optimizer_cells, local_cells), 4};
  const size_t counters = laid_out(
      {a<uint8_t>(7), a<uint16_t>(8), a<weir::index_t>(), a<uint32_t>(), a<size_t>(), a<uint8_t>(30)});  // request
  const part protocol = {counters, alignof(size_t)};
  const size_t sum =
      laid_out({protocol, a<uint16_t>(), a<Pipe>(), a<gate>(), a<uint8_t>(2 * FrameBytes), training});  // two frames
  CHECK(sizeof(worker) == sum);
  return sizeof(worker);
}

typedef weir::sequential<weir::input<64>, weir::dense<16>, weir::relu, weir::dense<10>> digits;
typedef weir::sequential<weir::input<784>, weir::dense<128>, weir::relu, weir::dense<10>> large;

}  // namespace

TEST_CASE("a worker's memory is a sum: fixed point, sgd, what an ATmega2560 runs") {
  typedef weir::pipeline<weir::sgd, weir::target_density, weir::ternary, line> pipe;
  const size_t size = of_worker<weir::fixed16<12>, digits, pipe, 1, 64>(0, 0);
  const size_t arrays = 1210 * 2 + 1210 * 2 + 2 * (16 + 10) * 2 + 2 * 64 + 30;
  CHECK(size > arrays);
  CHECK(size < arrays + 240);  // policies, counters and alignment: on the ATmega2560 89
}

TEST_CASE("a worker's memory is a sum: float, momentum, local steps, batches, large frames") {
  typedef weir::pipeline<weir::momentum, weir::fixed_wt, weir::sparse16, line, weir::local_steps> pipe;
  const size_t size = of_worker<float, large, pipe, 8, 1400>(1, 1);
  const size_t turned = weir::kernel::wide<weir::kernel::native>() ? 8 * (784 + 128) * 4 : 0;  // see product_turned
  const size_t arrays = 4 * 101770 * 4 + 2 * 8 * (128 + 10) * 4 + turned + 2 * 1400 + 30;
  CHECK(size > arrays);
  CHECK(size < arrays + 240);
}

TEST_CASE(
    "a worker's memory is a sum: 8-bit weights, a finer residual and velocity, nesterov with clipping and decay") {
  typedef weir::numbers<weir::fixed8<5>, weir::fixed<int16_t, 11>> number;
  typedef weir::pipeline<weir::decayed<weir::clipped<weir::nesterov>>, weir::warm_up<weir::target_density>, weir::strom,
                         line>
      pipe;
  const size_t size = of_worker<number, digits, pipe, 2, 48>(1, 0);
  const size_t arrays = 2 * 1210 + 1210 + 2 * 1210 + 2 * 2 * 26 + 2 * 48 + 30;
  CHECK(size > arrays);
  CHECK(size < arrays + 240);
}

TEST_CASE("policies without memory take none") {
  typedef weir::softmax_cross_entropy loss;
  typedef weir::learner<weir::fixed16<12>, digits, loss, weir::sgd, weir::always> plain;
  typedef weir::learner<weir::fixed16<12>, digits, loss, weir::momentum, weir::always> heavy;
  CHECK(sizeof(heavy) - sizeof(plain) >= 2420);
  CHECK(sizeof(heavy) - sizeof(plain) <= 2424);  // mu
  CHECK(sizeof(plain) < 4840 + 104 + 80);
}

TEST_CASE("a coordinator's memory: two cells a weight, two bytes and two bits a rank, and its frames") {
  typedef weir::downlink<weir::ternary, weir::mean, weir::target_density> link;
  typedef weir::coordinator<weir::fixed16<12>, digits, link, 10000, 64, 8> ten_thousand;
  const size_t arrays = 1210 * (2 + 4) + 10000 * 2 + 2 * 10000 / 8 + (8 + 2) * 64;
  CHECK(sizeof(ten_thousand) > arrays);
  CHECK(sizeof(ten_thousand) < arrays + 240);
  static_assert(std::is_trivially_default_constructible<ten_thousand>::value, "");
}

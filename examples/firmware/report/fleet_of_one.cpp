// SPDX-License-Identifier: MIT
#include "fleet_of_one.hpp"

#include <stdexcept>

#include "support/mixed_rows.hpp"

namespace firmware_report {
namespace {

using support::child;

constexpr std::uint16_t most_ranks = 8;

struct port {
  child* device;
  int read() const { return device->read(); }
  bool write(std::uint8_t b) const { return device->write(b); }
};
using line = weir::buffered<weir::byte_stream<port>, mixed::frame_bytes()>;

/// The coordinator's lines: all ranks are at the end of this one.
struct hub {
  line& device;
  bool dead;  ///< for broadcasts

  std::size_t receive(weir::bytes into) { return device.receive(into); }
  weir::status send(std::uint16_t, weir::const_bytes datagram) { return device.send(datagram); }
  void broadcast(weir::const_bytes datagram) {
    if (!dead) device.send(datagram);
  }
};

std::uint32_t now_ms() {
  const auto age = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(age).count());
}

template <class Number, class Net>
class fleet : public fleet_of_one {
 public:
  explicit fleet(std::uint16_t rank) : coordinator_() {
    using settings = mixed::settings<Net>;
    const std::uint16_t ranks = static_cast<std::uint16_t>(rank + 1);
    // A round is due with one update; the server step makes up for the ranks that are not there.
    coordinator_.begin(mixed::link(weir::mean(ranks), weir::target_density(settings::density_down()), mixed::encoder()),
                       weir::fleet_terms(ranks, settings::steps_per_round(), 0, 0.0f, 1), mixed::seed(), now_ms());
  }

  void serve(child& device, int rounds, bool losing, std::chrono::steady_clock::time_point limit) override {
    line to_device{weir::byte_stream<port>(port{&device})};
    hub lines{to_device, losing};
    while (rounds > 0) {
      if (coordinator_.poll(lines, now_ms())) {
        --rounds;
        // The device never heard of the round that it was counted in; by the next one it learns that it missed something.
        if (losing) to_device.send(coordinator_.close_round(now_ms()));
      }
      if (device.ended()) throw std::runtime_error("the device has ended");
      if (std::chrono::steady_clock::now() > limit) throw std::runtime_error("the device does not take part in rounds");
      device.wait(100);
    }
  }

  double accuracy() const override {
    const mixed::rows rows = mixed::test_rows<Net>(support::load_digits());
    weight activations[Net::elements()];
    std::size_t right = 0;
    for (std::size_t i = 0; i < rows.size(); ++i)
      right += coordinator_.predict(rows.x(i), activations) == rows.labels[i] ? 1 : 0;
    return 100.0 * static_cast<double>(right) / static_cast<double>(rows.size());
  }

 private:
  using weight = typename weir::number<Number>::weight;
  weir::coordinator<Number, Net, mixed::link, most_ranks, mixed::frame_bytes()> coordinator_;
};

}  // namespace

std::unique_ptr<fleet_of_one> make_fleet_of_one(const std::string& net, const std::string& number, std::uint16_t rank) {
  using narrow = weir::numbers<weir::fixed16<10>, weir::fixed8<10>>;
  if (rank < most_ranks) {
    if (net == "digits" && number == "int16") return std::make_unique<fleet<mixed::number, mixed::net_digits>>(rank);
    if (net == "quarter" && number == "int16") return std::make_unique<fleet<mixed::number, mixed::net_quarter>>(rank);
    if (net == "digits" && number == "int16r8") return std::make_unique<fleet<narrow, mixed::net_digits>>(rank);
  }
  throw support::bad_input("there is no fleet of net `" + net + "`, numbers `" + number + "`, rank " +
                           std::to_string(rank));
}

}  // namespace firmware_report

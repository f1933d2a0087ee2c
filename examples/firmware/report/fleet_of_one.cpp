// SPDX-License-Identifier: MIT
#include "fleet_of_one.hpp"

#include <algorithm>
#include <stdexcept>

#include "air.hpp"
#include "support/mixed_rows.hpp"

namespace firmware_report {
namespace {

using support::child;

constexpr std::uint16_t most_ranks = 8;
constexpr std::size_t lora_packet = 51;  // at spreading factor 12 in Europe

/// The coordinator's lines: all ranks are at the end of this one.
template <class Line>
struct hub {
  Line& device;
  bool dead;  ///< for broadcasts

  void tick(std::uint32_t now) { device.tick(now); }
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
  fleet(std::uint16_t rank, std::size_t packet) : coordinator_(), packet_(packet) {
    using settings = mixed::settings<Net>;
    const std::uint16_t ranks = static_cast<std::uint16_t>(rank + 1);
    // A round is due with one update; the server step makes up for the ranks that are not there.
    coordinator_.begin(mixed::link(weir::mean(ranks), weir::target_density(settings::density_down()), mixed::encoder()),
                       weir::fleet_terms(ranks, settings::steps_per_round(), 0, 0.0f, 1), mixed::seed(), now_ms());
  }

  void serve(child& device, int rounds, bool losing, std::chrono::steady_clock::time_point limit) override {
    if (packet_ == 0) {
      weir::buffered<weir::byte_stream<serial_line>, mixed::frame_bytes()> line(
          weir::byte_stream<serial_line>(serial_line{&device}));
      serve(line, device, rounds, losing, limit);
    } else {
      air<lora_packet> between(device, losing ? 4 : 0);
      frames_by_air<mixed::frame_bytes(), lora_packet> line(
          weir::fragmented<air<lora_packet>::end, mixed::frame_bytes(), lora_packet>(air<lora_packet>::end(between),
                                                                                     50));
      serve(line, device, rounds, losing, limit);
    }
  }

  double accuracy() const override {
    const mixed::rows rows = mixed::test_rows<Net>(support::load_digits());
    weight activations[Net::elements()];
    mixed::pixel sample[Net::inputs()];
    std::size_t right = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      std::size_t image = i;
      for (std::size_t at = 0; at < Net::inputs(); at += rows.inputs) {
        std::copy_n(rows.x(image), rows.inputs, sample + at);
        image = mixed::image_behind(static_cast<weir::index_t>(i), 0, static_cast<weir::index_t>(rows.size()));
      }
      right += coordinator_.predict(sample, activations) == rows.labels[i] ? 1 : 0;
    }
    return 100.0 * static_cast<double>(right) / static_cast<double>(rows.size());
  }

 private:
  template <class Line>
  void serve(Line& to_device, child& device, int rounds, bool losing, std::chrono::steady_clock::time_point limit) {
    hub<Line> lines{to_device, losing};
    while (rounds > 0) {
      if (coordinator_.poll(lines, now_ms())) {
        --rounds;
        // The device never heard of the round that it was counted in; by the next one it learns that it missed something.
        if (losing) to_device.send(coordinator_.close_round(now_ms()));
      }
      if (device.ended()) throw std::runtime_error("the device has ended");
      if (std::chrono::steady_clock::now() > limit) throw std::runtime_error("the device does not take part in rounds");
      device.wait(packet_ == 0 ? 100 : 5);  // then the line has to be told the time
    }
  }

  using weight = typename weir::number<Number>::weight;
  weir::coordinator<Number, Net, mixed::link, most_ranks, mixed::frame_bytes()> coordinator_;
  std::size_t packet_;
};

}  // namespace

std::unique_ptr<fleet_of_one> make_fleet_of_one(const std::string& net, const std::string& number, std::uint16_t rank,
                                                std::size_t packet) {
  using narrow = weir::numbers<weir::fixed16<10>, weir::fixed8<10>>;
  if (rank < most_ranks && (packet == 0 || packet == lora_packet)) {
    if (net == "digits" && number == "int16")
      return std::make_unique<fleet<mixed::number, mixed::net_digits>>(rank, packet);
    if (net == "quarter" && number == "int16")
      return std::make_unique<fleet<mixed::number, mixed::net_quarter>>(rank, packet);
    if (net == "conv1d" && number == "int16")
      return std::make_unique<fleet<mixed::number, mixed::net_conv1d>>(rank, packet);
    if (net == "gru" && number == "int16") return std::make_unique<fleet<mixed::number, mixed::net_gru>>(rank, packet);
    if (net == "digits" && number == "int16r8") return std::make_unique<fleet<narrow, mixed::net_digits>>(rank, packet);
  }
  throw support::bad_input("there is no fleet of net `" + net + "`, numbers `" + number + "`, rank " +
                           std::to_string(rank) + ", packets of " + std::to_string(packet) + " bytes");
}

}  // namespace firmware_report

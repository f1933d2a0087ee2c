// SPDX-License-Identifier: MIT
// One device of a fleet that learns to read handwritten digits: it trains on what it sees itself, and exchanges some 60 bytes a round
// with the coordinator on its serial line. The images stay on the device. To make it yours, change what is marked with (*).
//
// Copy weir.hpp beside this file. On the computer, for two Megas (with Unos --net quarter; all devices of a fleet have one net):
//
//   coordinator --net digits --device /dev/ttyACM0:115200 --device /dev/ttyACM1:115200
//
// The LED shines while the device belongs to the fleet. The serial line carries frames: print nothing on it.
#include <EEPROM.h>

#include "weir.hpp"

#include "digits.h"

// (*) Another number in each device of the fleet: 0, 1, 2 ... And another digits.h: make_digits.awk says how.
const weir::rank_t rank{0};

// (*) A Mega has room for 64 pixels, 16 hidden neurons and 10 digits; an Uno (2 KB of RAM) sees digits 0 to 3, at half the resolution.
constexpr bool large = RAMEND > 4096;
constexpr uint8_t pixels = large ? 64 : 16;
constexpr uint8_t hidden = large ? 16 : 8;
constexpr uint8_t classes = large ? 10 : 4;

// The model, the way from what it has learned to the wire, and both together with weights of 16 bits in units of 1/4096. All of it
// but the transport must be the same in every device of the fleet and in its coordinator.
using net = weir::sequential<weir::input<pixels>, weir::dense<hidden>, weir::relu, weir::dense<classes>>;
using pipe = weir::pipeline<weir::sgd, weir::target_density, weir::ternary, weir::arduino_stream>;
using node = weir::worker<weir::fixed16<12>, net, weir::softmax_cross_entropy, pipe>;

static_assert(sizeof(node) <= (large ? 5210 : 1050), "weights, residual, frames: all the memory there is");
static node device;  // all zero: takes no flash and no time before setup()

static weir::fixed8<6> image[pixels];  // 64 is 1

// (*) The next thing that the device sees, into `image`; gives what it is. Yours comes from a sensor.
uint8_t look() {
  static uint8_t row;
  static uint8_t seen[row_bytes];
  do {
    digits.read(row * row_bytes, seen, row_bytes);
    row = (row + 1) % rows;
  } while (seen[64] >= classes);

  for (uint8_t i = 0; i < pixels; ++i) {
    const uint8_t* const p = large ? seen + i : seen + i / 4 * 16 + i % 4 * 2;
    image[i].raw = large ? 4 * *p : p[0] + p[1] + p[8] + p[9];  // 0 to 64
  }
  return seen[64];
}

void setup() {
  Serial.begin(115200);
  pinMode(LED_BUILTIN, OUTPUT);

  // So that what the network still holds for the device's last life is not taken for this one's. (A node that saves its state,
  // weir::save_counters<weir::basic_eeprom<2>> in its pipe, say, needs no such number. These are the first two bytes.)
  uint16_t starts;
  EEPROM.get(0, starts);
  EEPROM.put(0, ++starts);

  // (*) Learning rate; share of the weights in an update. The seed 1 is the fleet's: all begin with the same weights.
  device.begin(pipe{weir::sgd{0.02f}, weir::target_density{large ? 0.01f : 0.05f}, weir::ternary{}, weir::arduino_stream{Serial}}, rank, 1,
               starts);
}

// As many batches to a round as the coordinator has asked for; then wait for its broadcast. A device that trained on while it waits
// would learn the same thing twice, and Serial's buffer (64 bytes) would overflow while a broadcast comes in.
bool time_to_train() {
  static uint16_t round_number, batches;
  if (device.member_state() != weir::membership::member) return false;
  if (round_number != device.round_number()) {
    round_number = device.round_number();
    batches = 0;
  }
  if (batches == device.steps_per_round()) return false;
  ++batches;
  return true;
}

void loop() {
  if (time_to_train()) {
    const uint8_t digit = look();
    device.train(image, digit);  // forward, loss, backward; the update gathers in the residual
  }
  device.poll(millis());  // what rose above the threshold leaves, what arrived is applied
  digitalWrite(LED_BUILTIN, device.member_state() == weir::membership::member);
}

// SPDX-License-Identifier: MIT
#include "goals.hpp"

#include <stdexcept>

namespace firmware_report {
namespace {

class table {
 public:
  explicit table(const std::vector<measured>& all) : all_(all) {}

  const measured& of(const std::string& example, const std::string& target = "atmega2560") const {
    for (const measured& m : all_)
      if (m.what.example == example && m.what.target == target) return m;
    throw std::runtime_error("the list of programs has no " + example + " for " + target);
  }
  cycles mark(const std::string& example, int id, const std::string& target = "atmega2560") const {
    const auto& marks = of(example, target).plain.marks;
    const auto at = marks.find(id);
    if (at == marks.end()) throw std::runtime_error(example + " has no mark " + std::to_string(id));
    return at->second;
  }
  double ram_of(const std::string& example, const std::string& target = "atmega2560") const {
    const std::optional<std::uint32_t> bytes = of(example, target).ram();
    if (!bytes) throw std::runtime_error("the stack of " + example + " for " + target + " was not measured");
    return *bytes;
  }
  void say(const std::string& name, double value, std::optional<double> limit, const std::string& unit) {
    goals.push_back({name, value, limit, unit});
  }

  cycles marked_step(const std::string& example) const {
    const auto c = of(example).mark(mark_of_step);
    if (!c) throw std::runtime_error(example + " has no mark around a step");
    return *c;
  }
  /// A step of training: mean, and what it is between.
  void step(const std::string& name, const cycles& c, std::optional<double> limit) {
    say(name + ", mean", c.mean, limit, "cycles");
    say(name + ", least", c.min, {}, "cycles");
    say(name + ", most", c.max, limit, "cycles");
  }
  void node(const std::string& name, const std::string& example, std::optional<double> ram,
            std::optional<double> flash) {
    const measured& m = of(example);
    say(name + ": variables and stack", ram_of(example), ram, "bytes");
    say(name + ": flash without its rows", m.size.code(), flash, "bytes");
    say(name + ": .data", m.size.data, 63, "bytes");
  }
  /// What gate and encoder add to a program that has the residual already.
  void gate(const std::string& name, const std::string& example, std::optional<double> flash,
            std::optional<double> ram) {
    say(name + ": flash", of(example).size.flash - of("measure_gate_none").size.flash, flash, "bytes");
    say(name + ": variables and stack", ram_of(example) - ram_of("measure_gate_none"), ram, "bytes");
  }

  std::vector<goal> goals;

 private:
  const std::vector<measured>& all_;
};

}  // namespace

std::vector<goal> goals_of(const std::vector<measured>& all) {
  constexpr double cells = 1210, events = 64;  // measure/kernels.cpp
  table t(all);
  t.step("step of 64-16-10, int16 (aim: 90,000)", t.mark("measure_step_int16", 1), 150000);
  t.step("step of 64-16-10, int16, -O2", t.mark("measure_step_int16_O2", 1), {});
  t.step("step of 64-16-10, int16 in the node, as it runs", t.marked_step("node"), 150000);
  t.step("step of 64-16-10, 8-bit residual", t.mark("measure_step_int16r8", 1), {});
  t.step("step of 64-16-10, int8", t.mark("measure_step_int8", 1), {});
  t.step("step of 64-16-10, float, no room for a residual", t.mark("measure_step_float", 1), 850000);
  t.step("step of 64-16-10, float with residual, on an ATmega1284P", t.mark("measure_step_float", 1, "atmega1284p"),
         850000);

  t.gate("gate and encoder alone, frame of 128 bytes", "measure_gate_ternary", 4096, 256);
  t.gate("gate and encoder alone, given Wt and strom", "measure_gate_strom", 4096, 256);
  const cycles sparse = t.mark("measure_gate_ternary", 1), dense = t.mark("measure_gate_ternary_dense", 1),
               given = t.mark("measure_gate_strom", 1);
  t.say("gate and encoder, 1.3 % of the cells pass (22 bytes), mean", sparse.mean, {}, "cycles");
  t.say("gate and encoder, 9 % of the cells pass (87 bytes), mean", dense.mean, {}, "cycles");
  t.say("gate and encoder, given Wt and strom (20 bytes), mean", given.mean, {}, "cycles");

  t.say("gate scan without a hit, int8, per cell", t.mark("measure_kernels", 1).mean / cells, 15, "cycles");
  t.say("gate scan without a hit, int16, per cell", t.mark("measure_kernels", 2).mean / cells, 29, "cycles");
  t.say("Rice writer, per event at 1 %, l = 6, with sign", t.mark("measure_kernels", 3).mean / events, 80, "cycles");

  t.node("node of 64-16-10, int16", "node", 5.6 * 1024, 12 * 1024);
  t.node("node of 64-16-10, given Wt and strom", "node_wt", {}, {});
  t.node("node of 64-16-10, packets of 51 bytes, given Wt and strom", "node_radio_wt", 6 * 1024, 16 * 1024);
  t.node("node of 64-16-10, packets of 51 bytes", "node_radio", 6 * 1024, {});
  t.node("node of 64-16-10, 8-bit residual", "node_int16r8", 4.4 * 1024, {});
  t.node("node of conv1d, 450 weights, int16", "node_conv1d", 8 * 1024, {});
  t.step("step of conv1d, 450 weights, int16 in the node", t.marked_step("node_conv1d"), {});
  t.say("node of gru, 1,284 weights, int16, on an STM32F103: variables and stack", t.ram_of("node_gru", "stm32f103"),
        20 * 1024, "bytes");
  t.say("node of 16-8-4 on an ATmega328P: variables and stack", t.ram_of("node", "atmega328p"), 1.8 * 1024, "bytes");
  return t.goals;
}

}  // namespace firmware_report

// SPDX-License-Identifier: MIT
#include "report.hpp"

#include <cmath>

#include <nlohmann/json.hpp>

#include "support/text.hpp"

namespace inspect {
namespace {

using nlohmann::ordered_json;
using support::text;

/// The gaps of a bucket.
std::string range(std::size_t bucket) {
  if (bucket < 2) return std::to_string(bucket);
  const std::uint64_t low = std::uint64_t{1} << (bucket - 1);
  return std::to_string(low) + "-" + std::to_string(2 * low - 1);
}

double in_bytes(std::uint64_t bits) { return static_cast<double>(bits) / 8; }

/// Bits that the positions of `count` of `cells` need, when each is as likely as the other.
double entropy(const coordinates& c) {
  const double p = static_cast<double>(c.count) / static_cast<double>(c.cells);
  if (p <= 0 || p >= 1) return 0;
  return static_cast<double>(c.cells) * -(p * std::log2(p) + (1 - p) * std::log2(1 - p));
}

std::uint64_t bits_of(const finding& f, const char* part) {
  for (const inspect::part& p : f.parts)
    if (p.name == part) return p.bits;
  return 0;
}

std::string line(const std::string& name, const std::string& value) {
  return text("  %-24s %s\n", name.c_str(), value.c_str());
}

std::string about(const finding& f) {
  const coordinates& c = f.what;
  const double count = static_cast<double>(c.count);
  std::string all =
      line("coordinates", text("%llu of %llu weights, density %.4g %%", static_cast<unsigned long long>(c.count),
                               static_cast<unsigned long long>(c.cells), 100 * count / static_cast<double>(c.cells)));
  if (c.count == 0) return all;
  all += line("values", text("%llu above 0, %llu below, %llu zero; magnitudes: mean %g, largest %g",
                             static_cast<unsigned long long>(c.count - c.negative - c.zero),
                             static_cast<unsigned long long>(c.negative), static_cast<unsigned long long>(c.zero),
                             c.sum / count, c.largest));
  const std::uint64_t positions = bits_of(f, "positions");
  if (positions != 0)
    all += line("bits to a position", text("%.2f; %.2f is the entropy, were all weights alike",
                                           static_cast<double>(positions) / count, entropy(c) / count));
  if (!c.parameters.empty()) {
    std::string history;
    for (const auto& p : c.parameters)
      history += text("%s%u (%llu)", history.empty() ? "" : ", ", p.first, static_cast<unsigned long long>(p.second));
    all += line("Rice parameters", history + text("; escapes: %llu", static_cast<unsigned long long>(c.escapes)));
  }
  std::uint64_t most = 1;
  for (const std::uint64_t n : c.gaps) most = n > most ? n : most;
  all += "\n  gaps                     coordinates\n";
  for (std::size_t i = 0; i < c.gaps.size(); ++i)
    all += text("  %-24s %11llu", range(i).c_str(), static_cast<unsigned long long>(c.gaps[i])) +
           (c.gaps[i] == 0 ? "" : " ") + std::string(static_cast<std::size_t>(40 * c.gaps[i] / most), '#') + "\n";
  return all;
}

ordered_json object_of(const std::vector<field>& fields) {
  ordered_json o = ordered_json::object();
  for (const field& f : fields) o[f.name] = f.number ? ordered_json::parse(f.text) : ordered_json(f.text);
  return o;
}

}  // namespace

std::string as_text(const finding& f) {
  std::string all = text("%zu bytes", f.size);
  if (f.at != 0) all += text(" from byte %zu on", f.at);
  all += f.good() ? ": good\n" : text(": bad (%s)\n", f.status.c_str());
  for (const field& of : f.header) all += line(of.name, of.text);
  for (const field& of : f.body) all += line(of.name, of.text);
  if (!f.parts.empty()) all += "\n  part                     bytes\n";
  for (const part& p : f.parts)
    all += p.bits % 8 == 0 ? text("  %-24s %llu\n", p.name.c_str(), static_cast<unsigned long long>(p.bits / 8))
                           : text("  %-24s %.3f\n", p.name.c_str(), in_bytes(p.bits));
  if (f.has_coordinates) all += "\n" + about(f);
  if (!f.note.empty()) all += "\n  (" + f.note + ")\n";
  if (!f.good()) all += text("\n  Bad at byte %zu: %s.\n", f.fault.offset, f.fault.why.c_str());
  return all;
}

std::string as_json(const finding& f) {
  ordered_json o;
  o["at"] = f.at;
  o["size"] = f.size;
  o["good"] = f.good();
  o["status"] = f.status;
  if (!f.good()) o["fault"] = {{"offset", f.fault.offset}, {"why", f.fault.why}};
  o["header"] = object_of(f.header);
  if (!f.body.empty()) o["body"] = object_of(f.body);
  if (!f.parts.empty()) {
    ordered_json& parts = o["parts"] = ordered_json::object();
    for (const part& p : f.parts) parts[p.name] = in_bytes(p.bits);
  }
  if (f.has_coordinates) {
    const coordinates& c = f.what;
    ordered_json gaps = ordered_json::object(), parameters = ordered_json::array();
    for (std::size_t i = 0; i < c.gaps.size(); ++i) gaps[range(i)] = c.gaps[i];
    for (const auto& p : c.parameters) parameters.push_back({{"l", p.first}, {"coordinates", p.second}});
    o["coordinates"] = {{"cells", c.cells},
                        {"count", c.count},
                        {"density", static_cast<double>(c.count) / static_cast<double>(c.cells)},
                        {"negative", c.negative},
                        {"zero", c.zero},
                        {"mean_magnitude", c.count != 0 ? c.sum / static_cast<double>(c.count) : 0},
                        {"largest_magnitude", c.largest},
                        {"gaps", gaps},
                        {"parameters", parameters},
                        {"escapes", c.escapes}};
  }
  if (!f.note.empty()) o["note"] = f.note;
  return o.dump() + "\n";
}

}  // namespace inspect

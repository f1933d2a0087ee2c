// SPDX-License-Identifier: MIT
#include "goal.hpp"

#include <nlohmann/json.hpp>

#include "support/text.hpp"

namespace goals {

using support::text;

std::string table(const std::vector<result>& all) {
  std::string t = text("%-50s %9s %7s %6s\n", "goal", "measured", "limit", "aim");
  for (const result& r : all) {
    const std::string aim = r.what.aim ? text("%.4g", *r.what.aim) : "";
    const char* const verdict = !r.judged ? "not judged" : r.pass() ? "ok" : "FALLS SHORT";
    const std::string limit = text(r.what.at_least ? ">= %.4g" : "%.4g", r.what.limit);
    t += text("%-50s %9.4f %7s %6s  %-11s  %s; %s\n", r.what.name.c_str(), r.measured, limit.c_str(), aim.c_str(),
              verdict, r.what.unit.c_str(), r.detail.c_str());
  }
  return t;
}

std::string json_lines(const std::vector<result>& all) {
  std::string lines;
  for (const result& r : all) {
    nlohmann::ordered_json j = {{"goal", r.what.name},
                                {"measured", r.measured},
                                {"limit", r.what.limit},
                                {"unit", r.what.unit},
                                {"pass", r.pass()}};
    if (!r.judged) j["pass"] = nullptr;
    if (r.what.aim) j["aim"] = *r.what.aim;
    if (r.what.at_least) j["at_least"] = true;
    lines += j.dump() + "\n";
  }
  return lines;
}

}  // namespace goals

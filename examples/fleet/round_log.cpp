// SPDX-License-Identifier: MIT
#include "round_log.hpp"

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "support/bad_input.hpp"

namespace fleet {
namespace {

nlohmann::ordered_json json_of(const way_report& w) {
  return {{"wt", w.wt},
          {"density", w.density},
          {"bytes", w.bytes},
          {"residual_norm", w.residual_norm},
          {"oldest", w.oldest}};
}

}  // namespace

round_log::round_log(const std::string& path) : path_(path) {
  if (path.empty()) return;
  file_.reset(std::fopen(path.c_str(), "wb"));
  if (file_ == nullptr) throw support::bad_input("cannot write " + path + ": " + std::strerror(errno));
}

void round_log::add(std::uint32_t seed, const round_report& r) {
  const nlohmann::ordered_json line = {{"seed", seed},     {"round", r.round},    {"epoch", r.epoch},
                                       {"bytes", r.bytes}, {"up", json_of(r.up)}, {"down", json_of(r.down)}};
  const std::string text = line.dump() + "\n";
  const std::lock_guard<std::mutex> one_at_a_time(mutex_);
  if (error_ != 0) return;
  if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size() || std::fflush(file_.get()) != 0)
    error_ = errno;
}

void round_log::close() {
  if (file_ == nullptr) return;
  if (std::fclose(file_.release()) != 0 && error_ == 0) error_ = errno;
  if (error_ != 0) throw std::runtime_error("cannot write " + path_ + ": " + std::strerror(error_));
}

}  // namespace fleet

// SPDX-License-Identifier: MIT
#include "journal.hpp"

#include "descriptor.hpp"
#include "support/dataset.hpp"

namespace serving {

journal::journal(const std::string& path) : path_(path) {
  if (path.empty()) return;
  file_.reset(std::fopen(path.c_str(), "we"));
  if (!file_) throw support::bad_input(failure("--log: cannot write `" + path + "`"));
}

void journal::write(const char* event, const nlohmann::ordered_json& what) {
  if (!file_) return;
  const auto age = std::chrono::steady_clock::now() - started_;
  nlohmann::ordered_json all = {{"event", event},
                                {"ms", std::chrono::duration_cast<std::chrono::milliseconds>(age).count()}};
  all.update(what);
  const std::string text = all.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  if (std::fputs(text.c_str(), file_.get()) < 0 || std::fflush(file_.get()) != 0) lost_ = true;
}

void journal::close() {
  if (!file_) return;
  if (std::fclose(file_.release()) != 0) lost_ = true;
  if (lost_) throw std::runtime_error("--log: lines are missing in `" + path_ + "`: it could not be written");
}

}  // namespace serving

// SPDX-License-Identifier: MIT
// All lines, one coordinator, one loop around poll(2).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include <nlohmann/json.hpp>

#include "aggregator.hpp"
#include "display.hpp"
#include "journal.hpp"
#include "line.hpp"
#include "options.hpp"

namespace serving {

enum class stop_reason { none, rounds, accuracy, signal };

class server {
 public:
  /// Opens nothing yet, but says at once what can never be opened: throws support::bad_input.
  server(const options& o, aggregator& fleet, journal& log);
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// Serves until there is a reason to stop; all lines are closed then.
  stop_reason run();

 private:
  struct listener {
    descriptor socket;
    int port;
    moment next_try;
  };
  struct member {
    std::uint32_t missing_since = 0;  ///< the first round that closed without it; 0: none
    bool counted = false;             ///< in the open round
  };

  void open_due(moment now);
  int wait_ms(moment now) const;
  void handle_signals();
  void reap();
  void accept_all(listener& l, moment now);
  void receive_all(const listener& l, moment now);
  line* line_from(const listener& l, const std::string& peer, weir::const_bytes frame);
  void serve(line& l, short in, short out, short errors, moment now);
  void take(line& l, weir::const_bytes frame, moment now);
  void learn(line& l, const weir::frame_header& h, moment now);
  void refuse(line& l, const char* why, std::uint64_t count);
  void close_round(moment now);
  void lost(line& l, std::string why, moment now);
  void complain(line& l, const std::string& bytes);
  void end_children();

  void tell(const char* event, const line* l, const std::string& text, nlohmann::ordered_json extra);
  std::uint32_t ms(moment now) const;
  overview look(moment now) const;
  nlohmann::ordered_json totals() const;
  nlohmann::ordered_json settings() const;

  const options& options_;
  aggregator& fleet_;
  journal& log_;
  std::vector<std::unique_ptr<line>> lines_;
  std::vector<listener> listeners_;
  std::vector<listener> sockets_;  // for datagrams
  std::unordered_map<std::string, line*> peers_;
  std::vector<member> members_;
  descriptor signals_;
  display display_;
  moment started_;
  moment round_opened_;
  stop_reason stop_ = stop_reason::none;
  std::uint32_t round_ = 0;
  double accuracy_ = 0;
  line_counts gone_;  // of callers that have hung up
};

}  // namespace serving

// SPDX-License-Identifier: MIT
#include "display.hpp"

#include <algorithm>
#include <cstdio>

#include <sys/ioctl.h>
#include <unistd.h>

#include "support/plot.hpp"
#include "support/text.hpp"

namespace serving {
namespace {

using support::bytes_text;
using support::text;

constexpr auto pause = std::chrono::milliseconds(250);
constexpr std::size_t most_notes = 5;
constexpr std::size_t most_name = 26;

double seconds(moment from, moment to) { return std::chrono::duration<double>(to - from).count(); }

bool is_shared(const line& l, const overview& o) {
  return l.rank && std::any_of(o.lines.begin(), o.lines.end(), [&l](const std::unique_ptr<line>& other) {
           return other.get() != &l && other->rank == l.rank;
         });
}

std::string state_of(const line& l, const overview& o) {
  if (l.is_closed()) return l.trouble.empty() ? "closed" : "closed: " + l.trouble;
  if (l.is_pending()) return "connecting";
  if (l.refusal) return std::string("refused: ") + weir::to_string(*l.refusal);
  if (!l.rank) return l.counts.bytes_up == 0 ? "silent" : "no frames";
  if (is_shared(l, o)) return "rank is claimed twice";
  return l.joined ? "member" : "joining";
}

std::string refused_by(const line& l) {
  std::string all;
  const auto add = [&all](std::uint64_t n, const char* why) {
    if (n != 0) all += text("%s%llu %s", all.empty() ? "" : ", ", static_cast<unsigned long long>(n), why);
  };
  add(l.counts.noise, "noise");
  for (std::size_t s = 0; s < l.counts.refused.size(); ++s)
    add(l.counts.refused[s], weir::to_string(static_cast<weir::status>(s)));
  if (l.counts.dropped != 0) add(l.counts.dropped, "dropped");
  return all;
}

/// The end of a long name says more than its beginning.
std::string short_name(const std::string& name) {
  return name.size() <= most_name ? name : ".." + name.substr(name.size() - most_name + 2);
}

std::string headline(const overview& o) {
  return text("round %u  open: %u of %u ranks  accuracy %.2f %%  up %s  down %s", o.round, unsigned(o.counted),
              unsigned(o.ranks), o.accuracy, bytes_text(static_cast<double>(o.bytes_up)).c_str(),
              bytes_text(static_cast<double>(o.bytes_down)).c_str());
}

std::string row_of(const line& l, const overview& o) {
  const std::string rank = l.rank ? std::to_string(*l.rank) : "-";
  const std::string round = l.round ? std::to_string(*l.round) : "-";
  const std::string silent = l.heard ? text("%.0f s", seconds(*l.heard, o.now)) : "-";
  return text("%-26s %5s %-22.22s %6s %8llu %9s %9s %7s  %s", short_name(l.name()).c_str(), rank.c_str(),
              state_of(l, o).c_str(), round.c_str(), static_cast<unsigned long long>(l.counts.updates),
              bytes_text(static_cast<double>(l.counts.bytes_up)).c_str(),
              bytes_text(static_cast<double>(l.counts.bytes_down)).c_str(), silent.c_str(), refused_by(l).c_str());
}

}  // namespace

display::display(std::uint32_t every) : terminal_(::isatty(1) != 0), every_(every) {
  if (terminal_) std::fputs("\033[?25l", stdout);
}
display::~display() {
  if (terminal_) std::fputs("\033[?25h", stdout);
}

void display::note(const std::string& text) {
  if (!terminal_) {
    std::fprintf(stderr, "coordinator: %s\n", text.c_str());
    return;
  }
  notes_.push_back(text);
  if (notes_.size() > most_notes) notes_.pop_front();
}

void display::round(const overview& o) {
  if (terminal_ || o.round % every_ != 0) return;
  print(o);
}

int display::refresh(const overview& o) {
  if (!terminal_) return -1;
  if (o.now >= next_) {
    draw(o);
    next_ = o.now + pause;
  }
  return static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(next_ - o.now).count()) + 1;
}

void display::end(const overview& o) {
  if (terminal_) return draw(o);
  if (!printed_ || *printed_ != o.round) print(o);
}

void display::print(const overview& o) {
  std::printf("%s\n", headline(o).c_str());
  std::fflush(stdout);
  printed_ = o.round;
}

void display::draw(const overview& o) {
  winsize size{};
  const bool known = ::ioctl(1, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0;
  const std::size_t high = known ? size.ws_row : 24, wide = known ? size.ws_col : 80;

  std::vector<std::string> all = {headline(o)};
  if (o.wt > 0) all.back() += text("  Wt down %.4g", static_cast<double>(o.wt));
  all.push_back(text("%-26s %5s %-22s %6s %8s %9s %9s %7s  %s", "line", "rank", "state", "round", "updates", "up",
                     "down", "silent", "refused"));
  const std::size_t room = high > notes_.size() + 4 ? high - notes_.size() - 4 : 1;
  for (std::size_t i = 0; i < std::min(room, o.lines.size()); ++i) all.push_back(row_of(*o.lines[i], o));
  if (o.lines.size() > room) all.push_back(text("... and %zu more", o.lines.size() - room));
  all.insert(all.end(), notes_.begin(), notes_.end());

  std::string out = drawn_ != 0 ? text("\033[%zuA", drawn_) : "";
  for (std::string& one : all) {
    for (char& c : one)
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';  // a complaint could have any bytes
    out += "\r\033[K" + one.substr(0, wide - 1) + "\n";
  }
  out += "\033[J";
  std::fputs(out.c_str(), stdout);
  std::fflush(stdout);
  drawn_ = all.size();
}

}  // namespace serving

// SPDX-License-Identifier: MIT
#include "server.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <ctime>

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "support/text.hpp"

namespace serving {
namespace {

using nlohmann::ordered_json;
using support::text;

sigset_t handled_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int s : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) ::sigaddset(&set, s);
  return set;
}

std::unique_ptr<line> make_line(const line_choice& c) {
  switch (c.kind) {
    case line_kind::command: return std::make_unique<line>(c.where, command_endpoint(c.where));
    case line_kind::device: return std::make_unique<line>(c.where, device_endpoint(c.where));
    case line_kind::terminal: return std::make_unique<line>(c.where, terminal_endpoint(c.where));
    case line_kind::tcp: return std::make_unique<line>(c.where, tcp_endpoint(c.where));
  }
  throw std::logic_error("no such line");
}

void add(line_counts& to, const line_counts& more) {
  to.bytes_up += more.bytes_up;
  to.bytes_down += more.bytes_down;
  to.frames_up += more.frames_up;
  to.frames_down += more.frames_down;
  to.updates += more.updates;
  to.dropped += more.dropped;
  to.noise += more.noise;
  for (std::size_t i = 0; i < to.refused.size(); ++i) to.refused[i] += more.refused[i];
}

ordered_json json_of(const line_counts& c) {
  ordered_json refused = ordered_json::object();
  if (c.noise != 0) refused["noise"] = c.noise;
  for (std::size_t s = 0; s < c.refused.size(); ++s)
    if (c.refused[s] != 0) refused[weir::to_string(static_cast<weir::status>(s))] = c.refused[s];
  return {{"updates", c.updates},         {"bytes_up", c.bytes_up},       {"bytes_down", c.bytes_down},
          {"frames_up", c.frames_up},     {"frames_down", c.frames_down}, {"dropped", c.dropped},
          {"refused", std::move(refused)}};
}

std::string hex(std::uint32_t v) { return text("%08x", v); }

}  // namespace

server::server(const options& o, aggregator& fleet, journal& log)
    : options_(o), fleet_(fleet), log_(log), members_(o.ranks), display_(o.every) {
  for (const line_choice& c : o.lines) lines_.push_back(make_line(c));
  for (const std::string& where : o.listen_at) {
    int port = 0;
    descriptor socket = listen_at(where, port);
    listeners_.push_back({std::move(socket), port, moment()});
  }
  for (const std::string& where : o.udp) {
    int port = 0;
    descriptor socket = datagrams_at(where, port);
    sockets_.push_back({std::move(socket), port, moment()});
  }
  const sigset_t set = handled_signals();
  std::signal(SIGPIPE, SIG_IGN);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  signals_ = descriptor(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!signals_) throw std::runtime_error(failure("signalfd"));
}

server::~server() { end_children(); }

std::uint32_t server::ms(moment now) const {
  return static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now - started_).count());
}

overview server::look(moment now) const {
  line_counts sum = gone_;
  for (const auto& l : lines_) add(sum, l->counts);
  return {lines_,       now,           round_, fleet_.counted(), options_.ranks, accuracy_, fleet_.report().wt,
          sum.bytes_up, sum.bytes_down};
}

void server::tell(const char* event, const line* l, const std::string& what, ordered_json extra) {
  ordered_json all = ordered_json::object();
  if (l != nullptr) all["line"] = l->name();
  all.update(extra);
  log_.write(event, all);
  display_.note(l != nullptr ? l->name() + ": " + what : what);
}

ordered_json server::settings() const {
  const options& o = options_;
  return {{"net", o.net},
          {"ranks", o.ranks},
          {"quorum", o.quorum},
          {"deadline_ms", o.deadline_ms},
          {"rounds", o.rounds},
          {"until_accuracy", o.until_accuracy},
          {"steps", o.steps},
          {"density", o.density},
          {"server_step", o.server_step},
          {"seed", o.seed}};
}

stop_reason server::run() {
  started_ = round_opened_ = std::chrono::steady_clock::now();
  log_.write("start", settings());
  round_ = fleet_.rounds();
  if (round_ != 0) tell("resumed", nullptr, text("goes on after round %u", round_), {{"round", round_}});
  accuracy_ = fleet_.accuracy();
  for (const listener& l : listeners_)
    tell("listening", nullptr, text("listening at port %d", l.port), {{"port", l.port}});
  for (const listener& l : sockets_)
    tell("listening", nullptr, text("listening for datagrams at port %d", l.port), {{"port", l.port}});

  std::vector<pollfd> polled;
  while (stop_ == stop_reason::none) {
    moment now = std::chrono::steady_clock::now();
    open_due(now);
    const int shown = display_.refresh(look(now));
    const int due = wait_ms(now);
    const int timeout = shown < 0 ? due : (due < 0 ? shown : std::min(shown, due));

    // Three for each line; what is not there is -1, which poll passes over.
    polled.clear();
    polled.push_back({signals_.get(), POLLIN, 0});
    for (const listener& l : listeners_) polled.push_back({l.next_try > now ? -1 : l.socket.get(), POLLIN, 0});
    for (const listener& l : sockets_) polled.push_back({l.socket.get(), POLLIN, 0});
    const std::size_t first = polled.size(), lines = lines_.size();
    for (const auto& l : lines_) {
      const bool write = l->is_pending() || l->has_unsent();
      polled.push_back({l->is_open() ? l->link().to_read() : -1, POLLIN, 0});
      polled.push_back({write ? l->link().to_write() : -1, POLLOUT, 0});
      polled.push_back({l->link().errors.get(), POLLIN, 0});
    }
    if (::poll(polled.data(), polled.size(), timeout) < 0 && errno != EINTR) throw std::runtime_error(failure("poll"));

    now = std::chrono::steady_clock::now();
    if (polled[0].revents != 0) handle_signals();
    for (std::size_t i = 0; i < lines && stop_ == stop_reason::none; ++i)
      serve(*lines_[i], polled[first + 3 * i].revents, polled[first + 3 * i + 1].revents,
            polled[first + 3 * i + 2].revents, now);
    for (std::size_t i = 0; i < sockets_.size() && stop_ == stop_reason::none; ++i)
      if (polled[1 + listeners_.size() + i].revents != 0) receive_all(sockets_[i], now);
    if (stop_ == stop_reason::none && fleet_.round_due(ms(now))) close_round(now);
    for (std::size_t i = 0; i < listeners_.size(); ++i)
      if (polled[1 + i].revents != 0) accept_all(listeners_[i], now);
    const auto gone = [](const std::unique_ptr<line>& l) { return l->is_closed() && !l->reopens(); };
    for (const auto& l : lines_) {
      if (gone(l)) {
        add(gone_, l->counts);
        peers_.erase(l->peer());
      }
    }
    lines_.erase(std::remove_if(lines_.begin(), lines_.end(), gone), lines_.end());
  }

  display_.end(look(std::chrono::steady_clock::now()));
  log_.write("stop", totals());
  end_children();
  return stop_;
}

ordered_json server::totals() const {
  const char* const why = stop_ == stop_reason::rounds     ? "rounds"
                          : stop_ == stop_reason::accuracy ? "accuracy"
                                                           : "signal";
  const overview o = look(std::chrono::steady_clock::now());
  ordered_json lines = ordered_json::array();
  for (const auto& l : lines_) {
    ordered_json one = {{"line", l->name()}};
    if (l->rank) one["rank"] = *l->rank;
    one.update(json_of(l->counts));
    lines.push_back(std::move(one));
  }
  return {{"why", why},
          {"rounds", round_},
          {"accuracy", accuracy_},
          {"weights", hex(fleet_.weights_hash())},
          {"saturated", fleet_.saturated()},
          {"bytes_up", o.bytes_up},
          {"bytes_down", o.bytes_down},
          {"lines", std::move(lines)},
          {"gone", json_of(gone_)}};
}

// ---- opening and closing --------------------------------------------------------------------------------------------

void server::open_due(moment now) {
  for (const auto& l : lines_) {
    if (!l->is_closed() || !l->reopens() || l->next_try() > now) continue;
    try {
      l->open();
      if (l->is_pending()) continue;
      ordered_json extra = ordered_json::object();
      if (l->link().child != 0) extra["pid"] = l->link().child;
      tell("open", l.get(), "open", std::move(extra));
    } catch (const not_open& e) {
      lost(*l, e.what(), now);
    }
  }
}

void server::lost(line& l, std::string why, moment now) {
  const std::string how = l.close();
  if (!how.empty()) why = how;
  l.trouble = why;
  if (!l.reopens()) return tell("closed", &l, why, {{"why", why}});
  l.put_off(now);
  const auto retry = std::chrono::duration_cast<std::chrono::milliseconds>(l.next_try() - now).count();
  tell("closed", &l, text("%s; again in %.1f s", why.c_str(), static_cast<double>(retry) / 1000),
       {{"why", why}, {"retry_ms", retry}});
}

int server::wait_ms(moment now) const {
  bool any = false;
  moment next{};
  const auto at = [&](moment m) {
    next = any ? std::min(next, m) : m;
    any = true;
  };
  for (const auto& l : lines_)
    if (l->is_closed() && l->reopens()) at(l->next_try());
  for (const listener& l : listeners_)
    if (l.next_try > now) at(l.next_try);
  if (options_.deadline_ms != 0 && fleet_.counted() != 0)
    at(round_opened_ + std::chrono::milliseconds(options_.deadline_ms));
  if (!any) return -1;
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(next - now).count();
  return left <= 0 ? (next <= now ? 0 : 1) : static_cast<int>(std::min<long long>(left + 1, 60000));
}

void server::accept_all(listener& l, moment now) {
  for (;;) {
    std::string name;
    connection c = accept_from(l.socket, name);
    if (!c.in) {
      // Out of descriptors, say: without a pause the loop would spin.
      if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) l.next_try = now + std::chrono::seconds(1);
      return;
    }
    if (lines_.size() >= 2 * most_ranks) {
      tell("closed", nullptr, name + ": there are too many lines",
           {{"line", name}, {"why", "there are too many lines"}});
      continue;
    }
    lines_.push_back(std::make_unique<line>(name, std::move(c)));
    tell("open", lines_.back().get(), "has connected", ordered_json::object());
  }
}

// Not for ever: rounds have to be closed, too.
void server::receive_all(const listener& l, moment now) {
  std::string peer;
  std::array<std::uint8_t, 2048> buffer;
  for (unsigned datagrams = 0; datagrams < 2 * most_ranks && stop_ == stop_reason::none; ++datagrams) {
    const std::size_t size = receive_from(l.socket, weir::bytes(buffer.data(), buffer.size()), peer);
    if (size == 0) return;
    const weir::const_bytes frame(buffer.data(), size);
    line* const from = line_from(l, peer, frame);
    if (from == nullptr) continue;
    from->counts.bytes_up += size;
    take(*from, frame, now);
  }
}

// A sender is remembered from its first whole frame on.
line* server::line_from(const listener& l, const std::string& peer, weir::const_bytes frame) {
  const auto known = peers_.find(peer);
  if (known != peers_.end()) return known->second;
  weir::frame_header h{};
  weir::const_bytes body;
  if (weir::wire::open(frame, h, body) != weir::status::ok || lines_.size() >= 2 * most_ranks) return nullptr;
  lines_.push_back(std::make_unique<line>(l.socket, peer));
  peers_[peer] = lines_.back().get();
  tell("open", lines_.back().get(), "has sent a datagram", ordered_json::object());
  return lines_.back().get();
}

// ---- signals and children -------------------------------------------------------------------------------------------

void server::handle_signals() {
  signalfd_siginfo s;
  while (::read(signals_.get(), &s, sizeof s) == static_cast<ssize_t>(sizeof s)) {
    if (s.ssi_signo == SIGCHLD)
      reap();
    else
      stop_ = stop_reason::signal;
  }
}

void server::reap() {
  for (const auto& l : lines_)
    if (l->link().child != 0 && !l->ended && ::waitpid(l->link().child, &l->end_status, WNOHANG) == l->link().child)
      l->ended = true;
}

void server::end_children() {
  const auto running = [](const std::unique_ptr<line>& l) { return l->link().child != 0 && !l->ended; };
  for (const auto& l : lines_)
    if (running(l)) ::kill(-l->link().child, SIGTERM);
  const sigset_t set = handled_signals();
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(2);
  for (reap(); std::any_of(lines_.begin(), lines_.end(), running); reap()) {
    const auto left = patience - std::chrono::steady_clock::now();
    if (left <= left.zero()) break;
    const timespec wait = {0, 100000000};
    const int again = ::sigtimedwait(&set, nullptr, &wait);
    if (again == SIGINT || again == SIGTERM) break;  // somebody is impatient
  }
  for (const auto& l : lines_)
    if (!l->is_closed()) l->close();
}

// ---- lines ----------------------------------------------------------------------------------------------------------

void server::serve(line& l, short in, short out, short errors, moment now) {
  if (l.is_closed()) return;
  if (l.is_pending()) {
    if (out == 0) return;
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(l.link().to_write(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return lost(l, std::strerror(error), now);
    l.link().pending = false;
    return tell("open", &l, "open", ordered_json::object());
  }
  if (errors != 0) {
    char buffer[512];
    const ssize_t got = ::read(l.link().errors.get(), buffer, sizeof buffer);
    if (got > 0)
      complain(l, std::string(buffer, static_cast<std::size_t>(got)));
    else if (got == 0 || (errno != EAGAIN && errno != EINTR))
      l.link().errors.close();
  }
  if (out != 0 && !l.flush()) return lost(l, failure("cannot write"), now);
  if (in == 0 && !l.ended) return;

  // A process that has ended may have left much in its pipe; what else it started may hold the pipe open.
  for (int turns = l.ended ? 64 : 1; turns > 0; --turns) {
    const std::uint64_t before = l.counts.bytes_up;
    const bool goes_on = l.receive(
        [&](weir::const_bytes frame) {
          if (stop_ == stop_reason::none) take(l, frame, now);
        },
        [&] { refuse(l, "noise", ++l.counts.noise); });
    if (!goes_on) return lost(l, errno == 0 ? "the line has ended" : failure("cannot read"), now);
    if (l.counts.bytes_up == before) break;
  }
  if (l.ended) lost(l, "", now);
}

void server::take(line& l, weir::const_bytes frame, moment now) {
  weir::frame_header h{};
  weir::const_bytes body;
  const bool sound = weir::wire::open(frame, h, body) == weir::status::ok;
  const aggregator::outcome o = fleet_.handle(frame);
  if (!o.answer.empty()) l.send(o.answer);
  if (o.result != weir::status::ok && o.result != weir::status::repeated) {
    std::uint64_t& count = l.counts.refused[static_cast<std::size_t>(o.result)];
    if (sound) l.refusal = o.result;
    return refuse(l, weir::to_string(o.result), ++count);
  }
  ++l.counts.frames_up;
  learn(l, h, now);
  if (o.result != weir::status::ok || h.kind != weir::frame_kind::update) return;
  ++l.counts.updates;
  l.settled();
  l.joined = true;
  l.round = round_ + 1;
  member& m = members_[h.rank];
  m.counted = true;
  if (m.missing_since != 0)
    tell("back", &l, text("rank %u is back in round %u", unsigned(h.rank), round_ + 1),
         {{"rank", h.rank}, {"round", round_ + 1}});
  m.missing_since = 0;
  if (fleet_.round_due(ms(now))) close_round(now);
}

void server::learn(line& l, const weir::frame_header& h, moment now) {
  l.heard = now;
  l.refusal.reset();
  l.trouble.clear();
  if (l.rank == h.rank) return;
  l.rank = h.rank;
  tell("rank", &l, text("is rank %u", unsigned(h.rank)), {{"rank", h.rank}});
  for (const auto& other : lines_)
    if (other.get() != &l && other->rank == l.rank && !l.peer().empty() && !other->peer().empty())
      other->close();  // it has another address now
    else if (other.get() != &l && other->rank == l.rank)
      tell("shared", &l, text("claims rank %u, as does %s", unsigned(h.rank), other->name().c_str()),
           {{"rank", h.rank}, {"other", other->name()}});
}

void server::refuse(line& l, const char* why, std::uint64_t count) {
  if ((count & (count - 1)) != 0) return;  // a flood must not fill the disk
  tell("refused", &l, text("refused, %s: %llu so far", why, static_cast<unsigned long long>(count)),
       {{"why", why}, {"count", count}});
}

void server::complain(line& l, const std::string& bytes) {
  constexpr std::size_t most = 200;
  for (const char c : bytes) {
    if (c != '\n' && l.complaint.size() < most) {
      l.complaint += c;
      continue;
    }
    if (!l.complaint.empty()) tell("complaint", &l, "says: " + l.complaint, {{"text", l.complaint}});
    l.complaint.clear();
  }
}

// ---- rounds ---------------------------------------------------------------------------------------------------------

void server::close_round(moment now) {
  const std::uint16_t counted = fleet_.counted();
  const weir::const_bytes broadcast = fleet_.close_round(ms(now));
  ++round_;
  round_opened_ = now;
  for (const auto& l : lines_) l->send(broadcast);
  for (std::size_t rank = 0; rank < members_.size(); ++rank) {
    member& m = members_[rank];
    if (!m.counted && m.missing_since == 0) {
      m.missing_since = round_;
      tell("missing", nullptr, text("rank %zu is missing in round %u", rank, round_),
           {{"rank", rank}, {"round", round_}});
    }
    m.counted = false;
  }
  accuracy_ = fleet_.accuracy();
  const overview o = look(now);
  log_.write("round", {{"round", round_},
                       {"counted", counted},
                       {"accuracy", accuracy_},
                       {"hits", fleet_.report().hits},
                       {"wt", fleet_.report().wt},
                       {"bytes_up", o.bytes_up},
                       {"bytes_down", o.bytes_down},
                       {"weights", hex(fleet_.weights_hash())}});
  display_.round(o);
  if (options_.until_accuracy > 0 && accuracy_ >= options_.until_accuracy)
    stop_ = stop_reason::accuracy;
  else if (options_.rounds != 0 && round_ >= options_.rounds)
    stop_ = stop_reason::rounds;
}

}  // namespace serving

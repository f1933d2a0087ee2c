// SPDX-License-Identifier: MIT
#include "write.hpp"

#include <algorithm>
#include <cstring>

#include <weir/core/grid.hpp>
#include <weir/segmented_gate.hpp>
#include <weir/threshold/fixed_wt.hpp>
#include <weir/transport/cobs.hpp>
#include <weir/wire/acks.hpp>
#include <weir/wire/bodies.hpp>
#include <weir/wire/frame.hpp>

#include "encoders.hpp"

namespace golden {
namespace {

/// A buffer of `size` bytes with guards around it.
class guarded {
 public:
  explicit guarded(size_t size) : all_(size + 2 * guard, 0xa5) {}
  weir::bytes room() { return weir::bytes(all_.data() + guard, all_.size() - 2 * guard); }
  data first(const block& b, size_t size) const {
    const auto in = [](uint8_t v) { return v == 0xa5; };
    if (size > all_.size() - 2 * guard || !std::all_of(all_.begin(), all_.begin() + guard, in) ||
        !std::all_of(all_.end() - guard, all_.end(), in))
      b.fail("written out of bounds");
    return data(all_.begin() + guard, all_.begin() + guard + static_cast<std::ptrdiff_t>(size));
  }

 private:
  static constexpr std::ptrdiff_t guard = 16;
  data all_;
};

template <class Value>
struct grid_of;
template <>
struct grid_of<float> {
  typedef weir::grid<float, float> type;
  static type make(const block& b) { return type(static_cast<float>(b.number("finer", 1))); }
  static float cell(double v) { return static_cast<float>(v); }
  static double number(float c) { return static_cast<double>(c); }
  static bool less(float c, float wt) { return weir::magnitude(c) < wt; }
};
template <>
struct grid_of<int32_t> {
  typedef weir::grid<weir::fixed<int32_t, 0>, int32_t> type;
  static type make(const block& b) { return type(weir::grid_units(static_cast<int32_t>(b.number("finer", 1)), 1.0f)); }
  static type::cell cell(double v) { return type::cell::from_raw(static_cast<int32_t>(v)); }
  static double number(type::cell c) { return c.raw; }
  static bool less(type::cell c, type::cell wt) { return weir::magnitude(c) < wt; }
};

/// What was in the cells of a body's residual, in the order of the scan.
residual before(const block& b) {
  return b.coordinates(b.has("residual") ? "residual" : "coordinates", b.number("cells"));
}

size_t room_of(const block& b, size_t most) {
  return b.has("room") ? b.number("room") : std::min<size_t>(most, 100000);
}

/// A scan begins at cell `start`; one in segments has no start.
template <class State>
auto start_at(State& s, weir::index_t start, int) -> decltype(static_cast<void>(s.start = start)) {
  s.start = start;
}
template <class State>
void start_at(State&, weir::index_t, long) {}

template <class Encoder, class Value>
data body_by_gate(const block& b, residual* left) {
  typedef grid_of<Value> numbers;
  typedef typename numbers::type::cell cell;
  const weir::index_t cells = cells_of(b);
  residual r = before(b);
  std::vector<cell> all(cells, numbers::cell(0));
  for (const auto& at : r) all[at.first] = numbers::cell(at.second);
  guarded out(room_of(b, Encoder::max_bytes(cells, static_cast<weir::index_t>(r.size()))));
  weir::gate_state<weir::fixed_wt, Encoder> s = {};
  s.report.rounds = 1;
  s.report.hits = static_cast<weir::index_t>(b.number("expected"));
  start_at(s, static_cast<weir::index_t>(b.number("start", 0)), 0);
  const size_t size = weir::gate(all.data(), cells, numbers::make(b), weir::fixed_wt(b.real("wt")), Encoder(), s,
                                 out.room(), weir::detail::no_fold(), weir::detail::no_forget());
  for (auto& at : r) at.second = numbers::number(all[at.first]);
  if (left != nullptr) *left = r;
  return out.first(b, size);
}

/// As a gate would, but only the cells that are given: every one that has risen to Wt is put, until one does not fit.
template <class Encoder, class Value>
data body_by_writer(const block& b, residual* left) {
  typedef grid_of<Value> numbers;
  const weir::index_t cells = cells_of(b);
  const weir::encode_request request(b.real("wt"), cells, static_cast<weir::index_t>(b.number("start", 0)),
                                     static_cast<weir::index_t>(b.number("expected")),
                                     b.has("mean") ? b.real("mean") : 0.0f);
  residual r = before(b);
  guarded out(room_of(b, Encoder::max_bytes(cells, static_cast<weir::index_t>(r.size()))));
  typename Encoder::state state = {};
  const Encoder encoder{};
  typename Encoder::template writer<typename numbers::type> writer(encoder, state, numbers::make(b), request,
                                                                   out.room());
  bool full = false;
  for (auto& at : r) {
    const weir::index_t i = static_cast<weir::index_t>(at.first);
    const weir::index_t offset =
        static_cast<weir::index_t>(i >= request.start ? i - request.start : i + (cells - request.start));
    typename numbers::type::cell cell = numbers::cell(at.second);
    if (!full && !numbers::less(cell, writer.threshold()) && weir::detail::wants(writer, cell, 0))
      full = !writer.put(offset, cell);
    at.second = numbers::number(cell);
  }
  if (left != nullptr) *left = r;
  return out.first(b, writer.finish(state));
}

/// An encoder of segments has no writer.
template <class Encoder, class Value>
data body(const block& b, residual* left) {
  if constexpr (weir::is_same<typename weir::detail::encoder_segments<Encoder>::encoder, Encoder>::value)
    return body_by_writer<Encoder, Value>(b, left);
  else
    return body_by_gate<Encoder, Value>(b, left);
}

/// visit(codec) for the codec that a vector names.
template <class Visit>
void with_codec(const block& b, Visit&& visit) {
  bool found = false;
  const std::string numbers = b.text("numbers");
  each_codec([&](const std::string& name, auto codec) {
    const bool real = weir::is_same<typename decltype(codec)::value, float>::value;
    if (name != b.text("encoder") || numbers != (real ? "float" : "integer")) return;
    visit(codec);
    found = true;
  });
  if (!found) b.fail("no encoder `" + b.text("encoder") + "` of `" + numbers + "`");
}

data frame(const block& b) {
  const data body = b.bytes("body");
  const weir::frame_header h = {
      static_cast<weir::frame_kind>(kind_number(b)), static_cast<uint16_t>(b.number("fingerprint")),
      static_cast<uint16_t>(b.number("rank", 0)), static_cast<uint16_t>(b.number("sequence", 0)),
      static_cast<uint16_t>(b.number("round"))};
  guarded out(body.size() + weir::wire::max_overhead());
  if (!body.empty()) std::memcpy(weir::wire::body_room(h.kind, h.rank, out.room()).data(), body.data(), body.size());
  return out.first(b, weir::wire::seal(h, body.size(), out.room()));
}

template <class Body>
data fields(const block& b, const Body& of) {
  guarded out(40);
  weir::byte_writer w(out.room());
  of.put(w);
  return out.first(b, w.size());
}

data acks(const block& b) {
  const uint32_t ranks = b.number("ranks");
  data counted((ranks + 7) / 8, 0);
  for (const uint32_t rank : b.numbers("counted"))
    counted.at(rank / 8) = static_cast<uint8_t>(counted.at(rank / 8) | (1u << rank % 8));
  guarded out(b.number("room", 4000));
  return out.first(b, weir::wire::put_acks(counted.data(), static_cast<uint16_t>(ranks), out.room()));
}

data stuffed(const block& b) {
  const data datagram = b.bytes("datagram");
  weir::cobs_sender sender{};
  sender.start(weir::const_bytes(datagram.data(), datagram.size()));
  data line;
  while (!sender.idle()) line.push_back(sender.next());
  return line;
}

}  // namespace

uint8_t kind_number(const block& b) {
  const std::pair<const char*, weir::frame_kind> names[] = {{"update", weir::frame_kind::update},
                                                            {"join", weir::frame_kind::join},
                                                            {"ask", weir::frame_kind::ask},
                                                            {"leave", weir::frame_kind::leave},
                                                            {"broadcast", weir::frame_kind::broadcast},
                                                            {"broadcast_some", weir::frame_kind::broadcast_some},
                                                            {"welcome", weir::frame_kind::welcome},
                                                            {"piece", weir::frame_kind::piece},
                                                            {"acknowledgement", weir::frame_kind::acknowledgement},
                                                            {"refusal", weir::frame_kind::refusal},
                                                            {"farewell", weir::frame_kind::farewell}};
  for (const auto& name : names)
    if (b.text("kind") == name.first) return static_cast<uint8_t>(name.second);
  b.fail("no kind `" + b.text("kind") + "`");
}

data gated(const block& b) {
  data bytes;
  with_codec(b, [&](auto codec) {
    bytes = body_by_gate<typename decltype(codec)::encoder, typename decltype(codec)::value>(b, nullptr);
  });
  return bytes;
}

data written(const block& b, residual* left) {
  const auto u16 = [&](const char* key) { return static_cast<uint16_t>(b.number(key)); };
  if (b.kind == "body") {
    data bytes;
    with_codec(b, [&](auto codec) {
      bytes = body<typename decltype(codec)::encoder, typename decltype(codec)::value>(b, left);
    });
    return bytes;
  }
  if (b.kind == "frame") return frame(b);
  if (b.kind == "join")
    return fields(b, weir::join_body{b.number("fingerprint"), b.number("weights_hash"), u16("round"), u16("epoch"),
                                     b.number("frame_bytes"), b.number("claim") != 0,
                                     b.number("weightless") != 0});
  if (b.kind == "welcome")
    return fields(b, weir::welcome_body{u16("ranks"), u16("steps"), b.real("wt"), u16("answers"), u16("last_sequence"), u16("epoch"),
                                        b.number("snapshot") != 0, b.number("counted") != 0, b.number("behind") != 0});
  if (b.kind == "ask") return fields(b, weir::ask_body{u16("round"), b.has("first"), b.number("first", 0)});
  if (b.kind == "acks") return acks(b);
  if (b.kind == "cobs") return stuffed(b);
  b.fail("nothing that weir writes");
}

}  // namespace golden

// SPDX-License-Identifier: MIT
#include "explain.hpp"

#include <weir/wire/acks.hpp>
#include <weir/wire/bodies.hpp>
#include <weir/wire/frame.hpp>

#include "body.hpp"
#include "support/text.hpp"

namespace inspect {
namespace {

using support::text;

/// Reads fields of a frame and remembers which one is the first that is not there.
class reader {
 public:
  reader(weir::const_bytes from, std::size_t at, std::vector<field>& into) : r_(from), at_(at), into_(into) {}

  std::uint32_t number(const char* name, unsigned bytes) {
    const std::size_t begin = r_.size();
    const std::uint32_t v = bytes == 1 ? r_.get8() : bytes == 2 ? r_.get16() : r_.get32();
    seen(name, begin);
    if (ok()) into_.push_back({name, std::to_string(v), true});
    return v;
  }
  std::uint32_t hex(const char* name, unsigned bytes) {
    const std::uint32_t v = number(name, bytes);
    if (ok()) into_.back() = {name, text("0x%0*x", static_cast<int>(2 * bytes), static_cast<unsigned>(v)), false};
    return v;
  }
  std::uint32_t leb128(const char* name) {
    const std::size_t begin = r_.size();
    const std::uint32_t v = r_.get_varint();
    if (!r_.ok() && wrong_.why.empty() && !r_.rest().empty())
      wrong_ = {std::string("the ") + name + " is spelled with more bytes than it needs, or beyond 32 bits",
                at_ + begin};
    seen(name, begin);
    if (ok()) into_.push_back({name, std::to_string(v), true});
    return v;
  }
  /// Nothing may follow.
  void end() {
    if (ok() && !r_.rest().empty())
      wrong_ = {text("%zu bytes too many behind the last field", r_.rest().size()), at_ + r_.size()};
  }
  void refuse(bool bad, const std::string& why, std::size_t back) {
    if (ok() && bad) wrong_ = {why, at_ + r_.size() - back};
  }
  bool ok() const { return wrong_.why.empty(); }
  const fault& wrong() const { return wrong_; }
  std::size_t size() const { return r_.size(); }
  weir::const_bytes rest() const { return r_.rest(); }

 private:
  void seen(const char* name, std::size_t) {
    if (!r_.ok() && wrong_.why.empty())
      wrong_ = {std::string("it ends inside the ") + name, at_ + r_.size() + r_.rest().size()};
  }

  weir::byte_reader r_;
  std::size_t at_;
  std::vector<field>& into_;
  fault wrong_;
};

const char* name_of(weir::frame_kind k) {
  switch (k) {
    case weir::frame_kind::update: return "update";
    case weir::frame_kind::join: return "join";
    case weir::frame_kind::ask: return "ask";
    case weir::frame_kind::leave: return "leave";
    case weir::frame_kind::broadcast: return "broadcast";
    case weir::frame_kind::broadcast_some: return "broadcast_some";
    case weir::frame_kind::welcome: return "welcome";
    case weir::frame_kind::piece: return "piece";
    case weir::frame_kind::acknowledgement: return "acknowledgement";
    case weir::frame_kind::refusal: return "refusal";
    case weir::frame_kind::farewell: return "farewell";
  }
  return "none";
}

bool is_kind(unsigned k) { return (k >= 1 && k <= 4) || (k >= 8 && k <= 14); }

/// What is wrong with the envelope of a frame that wire::open refuses; reads as far as it can.
fault wrong_envelope(weir::const_bytes frame, finding& f) {
  if (frame.empty()) return {"there is nothing", 0};
  const unsigned version = frame[0] >> 4, k = frame[0] & 15;
  if (version != weir::wire::protocol_version())
    return {text("it speaks version %u of the protocol, not %u", version, unsigned{weir::wire::protocol_version()}), 0};
  if (!is_kind(k)) return {text("there is no kind %u", k), 0};
  const weir::frame_kind kind = static_cast<weir::frame_kind>(k);
  f.header.push_back({"kind", name_of(kind), false});
  reader r(frame.after(1), 1, f.header);
  r.hex("fingerprint", 2);
  const std::uint32_t rank = weir::is_broadcast(kind) ? 0 : r.leb128("rank");
  if (weir::from_worker(kind)) r.number("sequence", 2);
  r.number("round", weir::from_worker(kind) ? 1 : 2);
  const std::uint32_t length = r.leb128("length");
  if (!r.ok()) return r.wrong();
  const std::size_t rest = r.rest().size(), check = weir::wire::check_bytes();
  if (rest < check || ((rest - check) & 0x3fff) != length) {
    const std::size_t there = rest < check ? 0 : rest - check;
    if (rest < check + length)
      return {text("it is cut off: a body of %u bytes and a check are announced, %zu bytes follow the header",
                   static_cast<unsigned>(length), rest),
              frame.size()};
    return {text("the body has %zu bytes, and %u are announced", there, static_cast<unsigned>(length)), 1 + r.size()};
  }
  const std::size_t whole = frame.size() - check;
  const std::uint32_t said = weir::load32(frame.data() + whole), right = weir::crc32c(frame.first(whole));
  if (said != right)
    return {text("it is damaged: its check is 0x%08x, and its bytes give 0x%08x", static_cast<unsigned>(said),
                 static_cast<unsigned>(right)),
            whole};
  return {text("rank %u is beyond the largest, 16383", static_cast<unsigned>(rank)), 3};
}

void explain_acks(weir::const_bytes body, std::size_t at, const options& o, finding& f) {
  const char* const modes[] = {"bitmap", "list of the counted", "list of the missing", "says nothing"};
  if (!body.empty()) f.body.push_back({"acknowledgements", modes[body[0] >> 6], false});
  if (o.ranks == 0) {
    f.parts.push_back({"body", body.size() * 8});
    f.note = "--ranks tells who was counted, and where the coordinates begin";
    return;
  }
  std::string counted;
  std::size_t size = 0;
  for (std::uint32_t rank = 0, last = 0, in_run = 0; rank <= o.ranks; ++rank) {
    bool now = false;
    if (rank < o.ranks) {
      weir::byte_reader r(body);
      if (weir::wire::get_acks(r, static_cast<std::uint16_t>(o.ranks), static_cast<std::uint16_t>(rank), now) !=
          weir::status::ok) {
        f.parts.push_back({"body", body.size() * 8});
        f.fault = {text("its acknowledgements are none of %u ranks", static_cast<unsigned>(o.ranks)), at};
        return;
      }
      size = r.size();
    }
    if (now && in_run++ == 0) last = rank;
    if (now || in_run == 0) continue;
    counted += (counted.empty() ? "" : " ") + std::to_string(last) + (in_run > 1 ? "-" + std::to_string(rank - 1) : "");
    in_run = 0;
  }
  f.body.push_back({"counted", counted.empty() ? "none" : counted, false});
  f.parts.push_back({"acknowledgements", size * 8});
  const weir::const_bytes update = body.after(size);
  if (o.encoder.empty()) {
    f.parts.push_back({"coordinates", update.size() * 8});
    f.note = "--encoder and --cells tell what it moves";
  } else {
    explain_coordinates(update, at + size, o, f);
  }
}

/// A body of fields.
void explain_fields(weir::frame_kind kind, weir::const_bytes body, std::size_t at, finding& f) {
  reader r(body, at, f.body);
  const auto flag = [&](const char* name, std::uint32_t flags, unsigned bit) {
    if (r.ok()) f.body.push_back({name, std::to_string(flags >> bit & 1), true});
  };
  std::uint32_t v;
  switch (kind) {
    case weir::frame_kind::join:
      r.hex("fingerprint, all of it", 4);
      r.hex("hash of the weights", 4);
      r.number("round of the weights", 2);
      r.hex("epoch", 2);
      r.leb128("largest frame");
      v = r.number("flags", 1);
      flag("claim", v, 0);
      flag("weightless", v, 1);
      r.refuse(v > 3, "flags that are not defined are set", 1);
      break;
    case weir::frame_kind::welcome: {
      v = r.number("ranks", 2);
      r.refuse(v == 0, "a fleet has a rank at least", 2);
      r.number("steps to a round", 2);
      const float wt = weir::from_bfloat16(static_cast<std::uint16_t>(r.number("Wt", 2)));
      if (r.ok()) f.body.back() = {"Wt", text("%g", static_cast<double>(wt)), true};
      r.refuse(!weir::is_finite(wt) || wt < 0, "Wt is not a finite number of 0 or more", 2);
      if (!r.ok()) f.body.pop_back();
      r.number("answers sequence", 2);
      r.number("last sequence", 2);
      r.hex("epoch", 2);
      v = r.number("flags", 1);
      flag("snapshot", v, 0);
      flag("counted already", v, 1);
      flag("behind", v, 2);
      r.refuse(v > 7, "flags that are not defined are set", 1);
      break;
    }
    case weir::frame_kind::ask:
      r.number("round of the weights", 2);
      if (r.ok() && !r.rest().empty())
        r.leb128("first weight asked for");
      else if (r.ok())
        f.body.push_back({"asks for", "the next broadcast", false});
      break;
    case weir::frame_kind::piece:
      r.leb128("first weight");
      if (r.ok()) f.body.push_back({"bytes of weights", std::to_string(r.rest().size()), true});
      if (r.ok() && r.rest().empty()) f.fault = {"there are no weights in it", at + r.size()};
      break;
    case weir::frame_kind::acknowledgement: r.number("sequence", 2); break;
    case weir::frame_kind::leave:
    case weir::frame_kind::farewell: break;
    default:
      v = r.number("reason", 1);
      if (r.ok()) f.body.back() = {"reason", weir::to_string(static_cast<weir::status>(v)), false};
      r.refuse(v == 0 || v > static_cast<std::uint32_t>(weir::status::wrong_epoch),
               text("there is no reason %u", static_cast<unsigned>(v)), 1);
  }
  if (kind != weir::frame_kind::piece) r.end();
  if (!r.ok()) f.fault = r.wrong();
  f.parts.push_back({"body", body.size() * 8});
}

}  // namespace

finding explain(const datagram& d, const options& o) {
  finding f;
  f.at = d.at;
  f.size = d.bytes.size();
  const weir::const_bytes frame(d.bytes.data(), d.bytes.size());
  if (!d.whole) {
    f.status = "damaged";
    f.fault = {"these bytes are no COBS, or no zero closes them", 0};
    return f;
  }
  weir::frame_header h = {};
  weir::const_bytes body;
  const weir::status opened = weir::wire::open(frame, h, body);
  f.status = weir::to_string(opened);
  if (opened != weir::status::ok) {
    f.fault = wrong_envelope(frame, f);
    return f;
  }
  const auto number = [&](const char* name, unsigned v) { f.header.push_back({name, std::to_string(v), true}); };
  f.header.push_back({"kind", name_of(h.kind), false});
  f.header.push_back({"fingerprint", text("0x%04x", unsigned{h.fingerprint}), false});
  if (!weir::is_broadcast(h.kind)) number("rank", h.rank);
  if (weir::from_worker(h.kind)) number("sequence", h.sequence);
  number("round", h.round_number);
  const std::size_t at = static_cast<std::size_t>(body.data() - frame.data());
  f.parts.push_back({"header", at * 8});
  switch (h.kind) {
    case weir::frame_kind::broadcast_some: explain_acks(body, at, o, f); break;
    case weir::frame_kind::update:
    case weir::frame_kind::broadcast:
      if (o.encoder.empty()) {
        f.parts.push_back({"body", body.size() * 8});
        if (!body.empty()) f.note = "--encoder and --cells tell what it moves";
      } else {
        explain_coordinates(body, at, o, f);
      }
      break;
    default: explain_fields(h.kind, body, at, f);
  }
  f.parts.push_back({"check", weir::wire::check_bytes() * 8});
  if (!f.good()) f.status = weir::to_string(weir::status::malformed);
  return f;
}

}  // namespace inspect

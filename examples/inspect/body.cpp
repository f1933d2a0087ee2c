// SPDX-License-Identifier: MIT
#include "body.hpp"

#include <cmath>
#include <functional>
#include <type_traits>

#include <weir/encoder/base3.hpp>
#include <weir/encoder/dense32.hpp>
#include <weir/encoder/levels.hpp>
#include <weir/encoder/logarithmic.hpp>
#include <weir/encoder/natural.hpp>
#include <weir/encoder/one_bit.hpp>
#include <weir/encoder/one_signed.hpp>
#include <weir/encoder/sparse8.hpp>
#include <weir/encoder/sparse_value.hpp>
#include <weir/encoder/strom.hpp>
#include <weir/encoder/ternary.hpp>

#include "support/text.hpp"

namespace inspect {
namespace {

using support::text;
using weir::index_t;

/// The coordinates of a body, up to the first fault.
template <class Value>
struct decoded {
  weir::status status;
  std::vector<index_t> indices;
};

template <class Encoder, class Value>
decoded<Value> decode(weir::const_bytes body, index_t cells, coordinates& what) {
  decoded<Value> d;
  d.status = Encoder::template decode<Value>(body, cells, [&](index_t i, Value v) {
    const double value = static_cast<double>(v);
    d.indices.push_back(i);
    what.negative += value < 0 ? 1 : 0;
    what.zero += value == 0 ? 1 : 0;
    what.largest = std::fmax(what.largest, std::fabs(value));
    what.sum += std::fabs(value);
  });
  what.cells = cells;
  what.count = d.indices.size();
  return d;
}

/// Gaps count from `start`, around.
std::vector<index_t> gaps(const std::vector<index_t>& indices, index_t start, index_t cells, coordinates& what) {
  std::vector<index_t> all;
  index_t next = 0;
  for (const index_t i : indices) {
    const index_t offset = i >= start ? i - start : i + (cells - start);
    const index_t gap = offset - next;
    std::size_t bucket = 0;
    while (bucket < 32 && gap >> bucket != 0) ++bucket;
    if (what.gaps.size() <= bucket) what.gaps.resize(bucket + 1);
    ++what.gaps[bucket];
    all.push_back(gap);
    next = offset + 1;
  }
  return all;
}

/// What is wrong with the coordinate that begins at bit `begin` of a stream.
template <class Encoder, class Value>
std::string wrong_coordinate(weir::const_bytes stream, std::uint64_t begin, unsigned l, index_t left, index_t cells,
                             std::uint64_t number) {
  const std::string which = "coordinate " + std::to_string(number);
  weir::bit_reader bits(stream);
  for (std::uint64_t i = 0; i < begin; ++i) bits.get(1);
  const std::uint32_t gap = weir::detail::get_rice(bits, static_cast<std::uint8_t>(l), weir::detail::index_bits(cells));
  const bool in_gap = bits.over();
  for (unsigned i = 0; i < Encoder::bits(); ++i) bits.get(1);
  if (in_gap || bits.over())
    return "the bits end inside " + which + (in_gap ? ", in its position" : ", in its value") +
           ": neither a whole one nor fewer than eight ones of padding";
  if (gap >= left)
    return which + " would stand behind the last weight: " + std::to_string(gap) + " are to be passed over, " +
           std::to_string(left) + " are left";
  return which + " has a value that no sender writes: not finite, or without an opposite";
}

/// What is wrong with the header in front of a stream; empty if nothing.
template <class Encoder, class Value>
fault wrong_header(weir::const_bytes body, index_t cells) {
  weir::byte_reader r(body);
  const std::uint8_t first = r.get8();
  if ((first & 0xc0) != 0) return {"bits 6 and 7 of the first byte of a body are zero; they are not", 0};
  if ((first & 0x1f) > weir::detail::rice_most())
    return {"the Rice parameter is " + std::to_string(first & 0x1f) + "; at most 24 is written", 0};
  const std::uint32_t start = (first & 0x20) != 0 ? r.get_varint() : 0;
  if (!r.ok()) return {"the start is cut off, or in more bytes than it needs", 1};
  if ((first & 0x20) != 0 && start == 0) return {"a start of 0 is not written", 1};
  if (start >= cells) return {"the start is weight " + std::to_string(start) + " of " + std::to_string(cells), 1};
  const std::size_t at = r.size();
  typename Encoder::template decoder<Value> values(r);
  if (!r.ok()) return {"the body ends inside the magnitude", body.size()};
  if (!values.ok()) return {"the magnitude is not a number above 0", at};
  return {};
}

template <class Encoder>
struct is_sparse : std::false_type {};
template <class Values>
struct is_sparse<weir::sparse<Values>> : std::true_type {};

/// A body of the sparse family.
template <class Encoder, class Value>
void explain(weir::const_bytes body, std::size_t at, index_t cells, finding& f, std::true_type) {
  const decoded<Value> d = decode<Encoder, Value>(body, cells, f.what);
  if (d.status != weir::status::ok) {
    const fault wrong = wrong_header<Encoder, Value>(body, cells);
    if (!wrong.why.empty()) {
      f.fault = {wrong.why, at + wrong.offset};
      return;
    }
  }
  weir::byte_reader header(body);
  const std::uint8_t first = header.get8();
  const index_t start = (first & 0x20) != 0 ? header.get_varint() : 0;
  const std::size_t before_values = header.size();
  const typename Encoder::template decoder<Value> values(header);
  const weir::const_bytes stream = header.rest();

  weir::detail::rice_parameter_now now(first & 0x1f);
  std::uint64_t positions = 0;
  index_t end = 0;
  for (const index_t gap : gaps(d.indices, start, cells, f.what)) {
    const weir::detail::rice_code code(now.l(), weir::detail::index_bits(cells), 0);
    const weir::detail::rice_symbol symbol(gap, code);
    positions += symbol.bits(code);
    f.what.escapes += symbol.quotient == weir::detail::rice_escape() ? 1 : 0;
    if (f.what.parameters.empty() || f.what.parameters.back().first != now.l())
      f.what.parameters.emplace_back(now.l(), 0);
    ++f.what.parameters.back().second;
    end += gap + 1;
    now.count(end);
  }
  const std::uint64_t value_bits = f.what.count * Encoder::bits();
  f.parts.push_back({"parameter and start", before_values * 8});
  if (header.size() != before_values) f.parts.push_back({"magnitude", (header.size() - before_values) * 8});
  f.parts.push_back({"positions", positions});
  f.parts.push_back({"values", value_bits});
  const std::uint64_t rest = stream.size() * 8 - positions - value_bits;
  if (d.status == weir::status::ok) {
    f.parts.push_back({"padding", rest});
    return;
  }
  f.parts.push_back({"not understood", rest});
  const std::uint64_t begin = positions + value_bits;
  f.fault = {wrong_coordinate<Encoder, Value>(stream, begin, now.l(), cells - end, cells, f.what.count + 1),
             at + header.size() + static_cast<std::size_t>(begin / 8)};
}

/// A body of any other encoder: coordinates, and no parts.
template <class Encoder, class Value>
void explain(weir::const_bytes body, std::size_t at, index_t cells, finding& f, std::false_type) {
  const decoded<Value> d = decode<Encoder, Value>(body, cells, f.what);
  gaps(d.indices, d.indices.empty() ? 0 : d.indices[0], cells, f.what);
  f.parts.push_back({"coordinates", body.size() * 8});
  if (d.status != weir::status::ok)
    f.fault = {"this is no body of that encoder for " + std::to_string(cells) + " weights; " +
                   std::to_string(f.what.count) + " coordinates could be read",
               at};
}

typedef std::function<void(weir::const_bytes, std::size_t, const options&, finding&)> explainer;
struct entry {
  const char* name;
  explainer explain;
};

template <class Encoder>
entry encoder(const char* name) {
  return {name, [](weir::const_bytes body, std::size_t at, const options& o, finding& f) {
            const std::integral_constant<bool, is_sparse<Encoder>::value> kind{};
            if (o.integer)
              explain<Encoder, std::int32_t>(body, at, o.cells, f, kind);
            else
              explain<Encoder, float>(body, at, o.cells, f, kind);
          }};
}

// All that weir has: a new one is a line here.
const entry encoders[] = {
    encoder<weir::ternary>("ternary"),
    encoder<weir::strom>("strom"),
    encoder<weir::one_signed>("one_signed"),
    encoder<weir::logarithmic<2>>("logarithmic2"),
    encoder<weir::logarithmic<3>>("logarithmic3"),
    encoder<weir::logarithmic<4>>("logarithmic4"),
    encoder<weir::natural>("natural"),
    encoder<weir::sparse8>("sparse8"),
    encoder<weir::sparse16>("sparse16"),
    encoder<weir::sparse32>("sparse32"),
    encoder<weir::one_bit>("one_bit"),
    encoder<weir::levels<1>>("levels1"),
    encoder<weir::levels<3>>("levels3"),
    encoder<weir::levels<7>>("levels7"),
    encoder<weir::levels<15>>("levels15"),
    encoder<weir::levels<31>>("levels31"),
    encoder<weir::levels<63>>("levels63"),
    encoder<weir::levels<127>>("levels127"),
    encoder<weir::dense_natural>("dense_natural"),
    encoder<weir::base3>("base3"),
    encoder<weir::dense32>("dense32"),
};

void explain_body(weir::const_bytes body, std::size_t at, const options& o, finding& f) {
  f.what.cells = o.cells;
  if (body.empty()) return;
  for (const entry& e : encoders)
    if (o.encoder == e.name) e.explain(body, at, o, f);
}

void add_part(std::vector<part>& parts, const part& more) {
  for (part& p : parts)
    if (p.name == more.name) {
      p.bits += more.bits;
      return;
    }
  parts.push_back(more);
}

/// What a segment says, to what those before it have said.
void add(const finding& segment, finding& f) {
  const coordinates& more = segment.what;
  coordinates& all = f.what;
  for (const part& p : segment.parts) add_part(f.parts, p);
  all.count += more.count;
  all.negative += more.negative;
  all.zero += more.zero;
  all.escapes += more.escapes;
  all.largest = std::fmax(all.largest, more.largest);
  all.sum += more.sum;
  if (all.gaps.size() < more.gaps.size()) all.gaps.resize(more.gaps.size());
  for (std::size_t i = 0; i < more.gaps.size(); ++i) all.gaps[i] += more.gaps[i];
  all.parameters.insert(all.parameters.end(), more.parameters.begin(), more.parameters.end());
  if (f.good()) f.fault = segment.fault;
}

/// The bodies of segments, one behind the other.
void explain_segments(weir::const_bytes body, std::size_t at, const options& o, finding& f) {
  weir::byte_reader r(body);
  std::vector<std::size_t> lengths;
  std::size_t sum = 0;
  for (std::uint32_t s = 0; s + 1 < o.segments; ++s) {
    const std::size_t begin = r.size();
    lengths.push_back(r.get_varint());
    sum += lengths.back();
    if (!r.ok()) {
      f.fault = {"the length of segment " + std::to_string(s) + " is cut off, or in more bytes than it needs",
                 at + begin};
      return;
    }
  }
  if (sum > r.rest().size()) {
    f.fault = {"the segments' lengths sum up to " + std::to_string(sum) + " bytes, and " +
                   std::to_string(r.rest().size()) + " follow",
               at};
    return;
  }
  if (r.rest().empty()) {
    f.fault = {"no segment says anything: then the whole is empty", at};
    return;
  }
  lengths.push_back(r.rest().size() - sum);
  f.parts.push_back({"lengths of segments", r.size() * 8});
  std::size_t from = r.size();
  for (std::uint32_t s = 0; s < o.segments; ++s) {
    const auto begin_of = [&](std::uint64_t n) { return static_cast<std::uint32_t>(o.cells * n / o.segments); };
    options segment = o;
    segment.cells = begin_of(s + 1) - begin_of(s);
    finding part;
    if (segment.cells == 0 && lengths[s] != 0)
      part.fault = {"a body for a segment without weights", at + from};
    else
      explain_body(weir::const_bytes(body.data() + from, lengths[s]), at + from, segment, part);
    if (!part.good()) part.fault.why = "in segment " + std::to_string(s) + ": " + part.fault.why;
    add(part, f);
    from += lengths[s];
  }
}

}  // namespace

bool is_encoder_name(const std::string& name) {
  for (const entry& e : encoders)
    if (name == e.name) return true;
  return false;
}

std::string encoder_names() {
  std::string all;
  for (const entry& e : encoders) all += (all.empty() ? "" : ", ") + std::string(e.name);
  return all;
}

void explain_coordinates(weir::const_bytes body, std::size_t at, const options& o, finding& f) {
  f.has_coordinates = true;
  f.what.cells = o.cells;
  if (body.empty()) return;
  if (o.segments > 1)
    explain_segments(body, at, o, f);
  else
    explain_body(body, at, o, f);
}

}  // namespace inspect

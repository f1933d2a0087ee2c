// SPDX-License-Identifier: MIT
// For a host (C++17). Not part of the umbrella.
#pragma once

#include <string.h>

#include <memory>
#include <stdexcept>
#include <vector>

#include <weir/coordinator.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// A coordinator that goes on where it was, wherever its process or its machine stops: no update that was acknowledged is
/// lost, and none is applied twice.
///
/// It keeps a journal: its memory() as it was, and behind that each datagram that has changed it since, and each end of a
/// round. Read again, in the same order, they make it what it was; so it writes an update and not a model. What an answer or
/// a broadcast says is safe before that leaves; updates that nobody has been told of yet are not waited for. After
/// `rounds` rounds the journal starts anew.
///
/// Journal, which outlives this (weir/host/journal_file.hpp): std::vector<uint8_t> load(); void replace(const_bytes), as a
/// whole or not at all; void append(const_bytes), of which a first part may be left; void sync(). What they throw, what is
/// called here throws: then this is of no more use, and what it would have said must not be said.
template <class Coordinator, class Journal>
class durable_coordinator {
 public:
  typedef typename Coordinator::outcome outcome;

  explicit durable_coordinator(Journal& journal, unsigned rounds = 64)
      : center_(new Coordinator()), journal_(journal), rounds_(rounds) {}
  durable_coordinator(const durable_coordinator&) = delete;
  durable_coordinator& operator=(const durable_coordinator&) = delete;

  /// As the coordinator's begin(), but that it goes on where it was if there is anything in the journal; then it returns
  /// true, and seed and epoch are those of then. std::runtime_error: what is there is of another fleet or another build.
  template <class Link>
  bool begin(const Link& link, const fleet_terms& terms, uint32_t seed = 1, uint32_t now_ms = 0, uint16_t epoch = 0) {
    center_->begin(link, terms, seed, now_ms, epoch);
    const std::vector<uint8_t> all = journal_.load();
    if (!all.empty()) replay(const_bytes(all.data(), all.size()), now_ms);
    checkpoint();
    return !all.empty();
  }

  outcome handle(const_bytes datagram) {
    const outcome o = center_->handle(datagram);
    if (o.result == status::ok && changes(datagram)) append(0, datagram);
    if (!o.answer.empty()) sync();
    return o;
  }
  bool round_due(uint32_t now_ms) const noexcept { return center_->round_due(now_ms); }
  const_bytes close_round(uint32_t now_ms) {
    const const_bytes broadcast = center_->close_round(now_ms);
    append(1, const_bytes());
    sync();
    if (++closed_ >= rounds_) checkpoint();
    return broadcast;
  }
  /// As the coordinator's.
  template <class Hub>
  bool poll(Hub& hub, uint32_t now_ms) {
    return detail::serve(*this, hub, bytes(received_.data(), received_.size()), now_ms);
  }
  uint16_t counted() const noexcept { return center_->counted(); }
  uint16_t awaited() const noexcept { return center_->awaited(); }
  uint16_t ranks() const noexcept { return center_->ranks(); }

  /// To look at.
  const Coordinator& center() const noexcept { return *center_; }

 private:
  // Magic, whose memory it is, its size, a check; the memory.
  static constexpr size_t head_bytes() noexcept { return 16; }
  // Size of the datagram and in the highest bit what it is, check of that and of the datagram.
  static constexpr size_t record_bytes() noexcept { return 8; }
  static constexpr uint32_t end_of_round() noexcept { return UINT32_C(1) << 31; }
  static constexpr uint32_t magic() noexcept { return UINT32_C(0x6c6a7277); }  // "wrjl"

  static bool changes(const_bytes datagram) noexcept {
    const frame_kind k = static_cast<frame_kind>(datagram[0] & 15);
    return k == frame_kind::update || k == frame_kind::join || k == frame_kind::leave;
  }

  void checkpoint() {
    const bytes memory = center_->memory();
    std::vector<uint8_t> all(head_bytes() + memory.size());
    byte_writer w(bytes(all.data(), all.size()));
    w.put32(magic());
    w.put32(Coordinator::memory_id());
    w.put32(static_cast<uint32_t>(memory.size()));
    w.put32(crc32c(memory));
    memcpy(w.rest().data(), memory.data(), memory.size());
    journal_.replace(const_bytes(all.data(), all.size()));
    closed_ = 0;
    unsafe_ = false;
  }

  void replay(const_bytes all, uint32_t now_ms) {
    byte_reader r(all);
    const uint32_t mark = r.get32(), id = r.get32(), size = r.get32(), check = r.get32();
    if (!r.ok() || mark != magic()) throw std::runtime_error("this is no journal of a coordinator");
    if (id != Coordinator::memory_id() || size != center_->memory().size())
      throw std::runtime_error("the journal is of a coordinator of another model, or of another build of this program");
    if (r.rest().size() < size || crc32c(r.rest().first(size)) != check)
      throw std::runtime_error("the journal is damaged");
    memcpy(center_->memory().data(), r.rest().data(), size);
    center_->resume(now_ms);
    // A record that is cut off was never promised to anybody.
    for (const_bytes rest = r.rest().after(size); rest.size() >= record_bytes();) {
      const uint32_t what = load32(rest.data());
      const size_t count = what & ~end_of_round();
      if (count > rest.size() - record_bytes()) break;
      const const_bytes datagram = rest.after(record_bytes()).first(count);
      if (load32(rest.data() + 4) != check_of(rest.data(), datagram)) break;
      if (what == end_of_round())
        center_->close_round(now_ms);
      else
        center_->handle(datagram);
      rest = rest.after(record_bytes() + count);
    }
  }

  static uint32_t check_of(const uint8_t* size, const_bytes datagram) noexcept {
    return crc32c(datagram, crc32c(const_bytes(size, 4)));
  }
  void append(uint8_t kind, const_bytes datagram) {
    record_.resize(record_bytes());
    store32(record_.data(), static_cast<uint32_t>(datagram.size()) | (kind != 0 ? end_of_round() : 0));
    store32(record_.data() + 4, check_of(record_.data(), datagram));
    record_.insert(record_.end(), datagram.begin(), datagram.end());
    journal_.append(const_bytes(record_.data(), record_.size()));
    unsafe_ = true;
  }
  void sync() {
    if (unsafe_) journal_.sync();
    unsafe_ = false;
  }

  std::unique_ptr<Coordinator> center_;
  Journal& journal_;
  unsigned rounds_;
  unsigned closed_ = 0;
  bool unsafe_ = false;  // something is written of which sync() has not said that it lasts
  std::vector<uint8_t> record_;
  std::vector<uint8_t> received_ = std::vector<uint8_t>(Coordinator::frame_bytes());
};

}  // namespace WEIR_ABI
}  // namespace weir

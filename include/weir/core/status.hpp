// SPDX-License-Identifier: MIT
#pragma once

#include <weir/config.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// The outcome of anything that can fail at run time. Whatever is not `ok` has changed nothing.
enum class status : uint8_t {
  ok,             ///< done
  empty,          ///< nothing there to receive or to send
  busy,           ///< not now; ask again later
  truncated,      ///< fewer bytes than the frame says it has
  damaged,        ///< the check does not match the bytes
  wrong_version,  ///< another protocol version
  wrong_model,    ///< another model, weight unit or encoder
  wrong_kind,     ///< a frame that this node does not take
  wrong_rank,     ///< from, or for, a rank that is not here
  malformed,      ///< whole and undamaged, but its body makes no sense
  repeated,       ///< already applied; acknowledged again
  stale,          ///< older than what is here
  ahead,          ///< newer than what can be applied yet
  too_big,        ///< does not fit
  wrong_epoch     ///< said to another life of the coordinator, or another model
};

/// The name of a status, for people.
inline const char* to_string(status s) noexcept {
  switch (s) {
    case status::ok: return "ok";
    case status::empty: return "empty";
    case status::busy: return "busy";
    case status::truncated: return "truncated";
    case status::damaged: return "damaged";
    case status::wrong_version: return "wrong version";
    case status::wrong_model: return "wrong model";
    case status::wrong_kind: return "wrong kind";
    case status::wrong_rank: return "wrong rank";
    case status::malformed: return "malformed";
    case status::repeated: return "repeated";
    case status::stale: return "stale";
    case status::ahead: return "ahead";
    case status::too_big: return "too big";
    case status::wrong_epoch: return "wrong epoch";
  }
  return "unknown";
}

}  // namespace WEIR_ABI
}  // namespace weir

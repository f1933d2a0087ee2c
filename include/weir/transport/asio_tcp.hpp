// SPDX-License-Identifier: MIT
// Frames over TCP (C++17). In front of each stands its size, as LEB128 of at most three bytes: one byte for what small devices
// send, and up to 2 MiB where a model is large; two bytes fixed would cost the one more and end at 64 KiB. A size of zero says
// nothing. Nobody proves who he is: for networks that are trusted. See asio_common.hpp. Not part of the umbrella.
#pragma once

#include <weir/transport/asio_tcp_hub.hpp>
#include <weir/transport/asio_tcp_line.hpp>

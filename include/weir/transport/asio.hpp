// SPDX-License-Identifier: MIT
// All transports over standalone Asio (C++17). Not part of the umbrella.
//
//   asio_udp_line, asio_udp_hub   a worker's end, a coordinator's end
//   asio_tcp_line, asio_tcp_hub   the same
//   asio_serial                   a serial device, a port for byte_stream
#pragma once

#include <weir/transport/asio_serial.hpp>
#include <weir/transport/asio_tcp.hpp>
#include <weir/transport/asio_udp.hpp>

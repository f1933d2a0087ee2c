#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads what weir writes: a decoder made from include/weir/wire/README.md alone, held to the vectors beside it.

    decode.py [FILE...]        all *.txt beside it; exits with 1 and a line for each vector that it does not agree with
"""
import math
import pathlib
import struct
import sys


class Refused(Exception):
    pass


def need(ok, why):
    if not ok:
        raise Refused(why)


class Bytes:
    """Little-endian numbers, one behind the other."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        need(self.at + count <= len(self.data), "too short")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, count):
        return int.from_bytes(self.take(count), "little")

    def leb128(self):
        value, shift = 0, 0
        while True:
            byte = self.number(1)
            need(shift == 0 or byte != 0, "a number in more bytes than it needs")
            value |= (byte & 0x7F) << shift
            need(value < 1 << 32, "a number of more than 32 bits")
            if byte < 0x80:
                return value
            shift += 7

    def rest(self):
        return self.data[self.at :]


class Bits:
    """The first bit is bit 0 of the first byte."""

    def __init__(self, data):
        self.bits = [byte >> i & 1 for byte in data for i in range(8)]
        self.at = 0

    def take(self, count):
        need(self.at + count <= len(self.bits), "the stream ends inside a coordinate")
        self.at += count
        return sum(bit << i for i, bit in enumerate(self.bits[self.at - count : self.at]))

    def rice(self, l, raw_bits):
        q = 0
        while q < 20 and self.take(1) == 1:
            q += 1
        return self.take(raw_bits) if q == 20 else (q << l) + self.take(l)

    def only_padding(self):
        left = self.bits[self.at :]
        return len(left) < 8 and all(left)


def bits_that_number(n):
    return max(1, (n - 1).bit_length())


def next_parameter(l, span):
    def smallest(factor):
        return next((i for i in range(24) if 32 << i >= (span - 16) * factor // 256), 24)

    return min(max(l, smallest(96)), smallest(160))


def real(fmt, raw):
    """A float of 16 or 32 bits; bfloat16 as "b"."""
    value = struct.unpack("<f", b"\0\0" + raw)[0] if fmt == "b" else struct.unpack("<" + fmt, raw)[0]
    need(math.isfinite(value), "not a finite number")
    return value


def magnitude(r, numbers, bits=16):
    raw = r.number(2)
    raw, high = raw & (1 << bits) - 1, raw >> bits
    value = real("b", raw.to_bytes(2, "little")) if numbers == "float" else raw
    need(value > 0, "magnitude")
    return -value if high else value


# Values: each is (bits, what stands in front of all, (its bits, that, numbers) -> the value).


def sign(bits, header, _):
    return -header[0] if bits else header[0]


def either_sign(bits, header, _):
    return -header[1] if bits else header[0]


def exponent(bits, header, _):
    return sign(bits & 1, header, _) * 2 ** (bits >> 1)


def steps(bits, header, _):
    return sign(bits & 1, header, _) * (bits >> 1)


def power(bits, _, numbers):
    e = bits >> 1
    value = 0 if e == 0 else 2.0 ** (e - 25) if numbers == "float" else 2 ** (e - 1)
    return -value if bits & 1 else value


def itself(width):
    def value(bits, _, numbers):
        raw = bits.to_bytes(width // 8, "little")
        if numbers == "float":
            return real("e" if width == 16 else "f", raw)
        count = int.from_bytes(raw, "little", signed=True)
        need(count != -(1 << 31), "a number that has no opposite")
        return count

    return value


def one(r, numbers):
    return [magnitude(r, numbers)]


def two(r, numbers):
    return [magnitude(r, numbers), magnitude(r, numbers)]


def none(*_):
    return []


SIGNS = (1, one, sign)


def sane(value):
    need(abs(value) < 2.0 ** 128 and (isinstance(value, float) or abs(value) < 1 << 31), "a value beyond the range")
    return value


def sparse(body, numbers, cells, values):
    width, header_of, value_of = values
    r = Bytes(body)
    first = r.number(1)
    l = first & 31
    need(first < 64 and l <= 24, "parameter")
    start = r.leb128() if first & 32 else 0
    need(start < cells and (start != 0) == bool(first & 32), "start")
    header = header_of(r, numbers)
    bits, behind, block, count, coordinates = Bits(r.rest()), 0, 0, 0, []
    while True:
        offset = behind + bits.rice(l, bits_that_number(cells))
        value = sane(value_of(bits.take(width), header, numbers))
        need(offset < cells, "a coordinate behind the last weight")
        coordinates.append(((start + offset) % cells, value))
        behind, count = offset + 1, count + 1
        if count % 32 == 0:
            l, block = next_parameter(l, behind - block), behind
        if bits.only_padding():
            return coordinates


def packed(body, numbers, cells, values):
    width, header_of, value_of = values
    r = Bytes(body)
    start = r.leb128()
    header = header_of(r, numbers)
    bits = Bits(r.rest())
    count = min(cells, len(bits.bits) // width)
    need(start < cells and count >= 1, "no values")
    coordinates = [((start + i) % cells, sane(value_of(bits.take(width), header, numbers))) for i in range(count)]
    need(bits.only_padding(), "more than the values")
    return coordinates


def base3(body, numbers, cells):
    r = Bytes(body)
    start = r.leb128()
    size = magnitude(r, numbers)
    fives = r.rest()
    need(start < cells and fives and fives[-1] <= 242 and fives[-1] != 121, "start or end")
    trits = []
    for five in fives:
        trits += [1] * 5 * (five - 241) if five > 242 else [five // 3**i % 3 for i in (4, 3, 2, 1, 0)]
    need(all(trit == 1 for trit in trits[cells:]) and (len(trits) + 4) // 5 <= (cells + 4) // 5, "behind the last weight")
    return [((start + i) % cells, (trit - 1) * size) for i, trit in enumerate(trits) if trit != 1]


def segmented(body, numbers, cells, count, encoder):
    r = Bytes(body)
    lengths = [r.leb128() for _ in range(count - 1)]
    bodies = [r.take(length) for length in lengths] + [r.rest()]
    need(any(bodies), "nothing in any segment")
    coordinates = []
    for s, part in enumerate(bodies):
        begin, end = cells * s // count, cells * (s + 1) // count
        need(end > begin or not part, "a body for no weights")
        coordinates += [(begin + i, value) for i, value in decode(encoder, part, numbers, end - begin)]
    return coordinates


ENCODERS = {
    "ternary": lambda *body: sparse(*body, SIGNS),
    "strom": lambda *body: sparse(*body, SIGNS),
    "one_signed": lambda *body: sparse(*body, (0, lambda r, numbers: [magnitude(r, numbers, 15)], sign)),
    "logarithmic2": lambda *body: sparse(*body, (2, one, exponent)),
    "logarithmic4": lambda *body: sparse(*body, (4, one, exponent)),
    "natural": lambda *body: sparse(*body, (6, none, power)),
    "sparse8": lambda *body: sparse(*body, (8, one, steps)),
    "sparse16": lambda *body: sparse(*body, (16, none, itself(16))),
    "sparse32": lambda *body: sparse(*body, (32, none, itself(32))),
    "one_bit": lambda *body: packed(*body, (1, two, either_sign)),
    "levels1": lambda *body: packed(*body, (2, one, steps)),
    "levels7": lambda *body: packed(*body, (4, one, steps)),
    "dense_natural": lambda *body: packed(*body, (6, none, power)),
    "base3": base3,
    "dense32": lambda *body: packed(*body, (32, none, itself(32))),
    "segmented2_ternary": lambda *body: segmented(*body, 2, "ternary"),
}


def decode(encoder, body, numbers, cells):
    return ENCODERS[encoder](body, numbers, cells) if body else []


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


KINDS = {1: "update", 2: "join", 3: "ask", 4: "leave", 8: "broadcast", 9: "broadcast_some", 10: "welcome", 11: "piece",
         12: "acknowledgement", 13: "refusal", 14: "farewell"}


def open_frame(frame):
    r = Bytes(frame)
    first = r.number(1)
    need(first >> 4 == 1, "version")
    need(first & 15 in KINDS, "kind")
    worker = first & 15 < 8
    got = {"kind": KINDS[first & 15], "fingerprint": r.number(2)}
    if first & 15 not in (8, 9):
        got["rank"] = r.leb128()
        need(got["rank"] < 16384, "rank")
    if worker:
        got["sequence"] = r.number(2)
    got["round"] = r.number(1 if worker else 2)
    length = r.leb128()
    body = r.rest()[:-4]
    need(len(r.rest()) >= 4 and length == len(body) % 16384, "length")
    need(crc32c(frame[:-4]) == int.from_bytes(frame[-4:], "little"), "check")
    return got, body


def acks(data, ranks):
    """The set of ranks that are told that they were counted."""
    r = Bytes(data)
    first = r.number(1)
    mode = first >> 6
    if mode == 3:
        need(first == 0xC0, "mode")
        return set()
    if mode == 0:
        need(first == 0, "mode")
        bits = Bits(r.take((ranks + 7) // 8))
        return {i for i in range(ranks) if bits.bits[i]}
    count = r.leb128()
    need(not first & 32 and first & 31 <= 24 and count <= ranks, "list")
    bits, listed, behind = Bits(r.rest()), set(), 0
    for _ in range(count):
        behind += bits.rice(first & 31, bits_that_number(ranks)) + 1
        need(behind <= ranks, "a rank that is not there")
        listed.add(behind - 1)
    return listed if mode == 1 else set(range(ranks)) - listed


def bodies_of_workers(kind, data):
    """The fields of a join, a welcome or an ask."""
    r = Bytes(data)
    if kind == "join":
        got = {"fingerprint": r.number(4), "weights_hash": r.number(4), "round": r.number(2), "epoch": r.number(2),
               "frame_bytes": r.leb128()}
        flags = r.number(1)
        need(flags < 4, "flags")
        got.update(claim=flags & 1, weightless=flags >> 1)
    elif kind == "welcome":
        got = {"ranks": r.number(2), "steps": r.number(2), "wt": real("b", r.take(2)), "answers": r.number(2),
               "last_sequence": r.number(2), "epoch": r.number(2)}
        flags = r.number(1)
        need(flags < 8 and got["ranks"] > 0 and got["wt"] >= 0, "flags, ranks or Wt")
        got.update(snapshot=flags & 1, counted=flags >> 1 & 1, behind=flags >> 2)
    else:
        got = {"round": r.number(2)}
        if r.rest():
            got["first"] = r.leb128()
    need(not r.rest(), "too long")
    return got


def heard(line, room):
    datagrams, datagram, run, owed, good = [], b"", 0, False, True
    for byte in line:
        if byte == 0:
            if run == 0 and good and datagram:
                datagrams.append(datagram)
            datagram, run, owed, good = b"", 0, False, True
        elif run == 0:
            if owed:
                datagram += b"\0"
            run, owed = byte - 1, byte != 255
        else:
            datagram += bytes([byte])
            run -= 1
        good = good and len(datagram) <= room
    return datagrams


# ---- the vectors ------------------------------------------------------------------------------------------------------


def blocks(path):
    block = []
    for line in path.read_text().splitlines() + [""]:
        text = line.split("#")[0].rstrip()
        if text:
            block.append(text.partition(" "))
        elif block and not line.startswith("#"):
            fields = {}
            for key, _, value in block[1:]:
                fields[key] = (fields[key] + " " if fields.get(key) else "") + value
            yield block[0][0], block[0][2], fields
            block = []


def bytes_of(text):
    words = (word.partition("*") for word in text.split())
    return b"".join(bytes.fromhex(word) * int(times or 1) for word, _, times in words)


def numbers_of(text):
    ranges = (word.partition("-") for word in text.split())
    return {i for a, _, b in ranges for i in range(int(a), int(b or a) + 1)}


def coordinates_of(text, cells):
    for word in text.split():
        where, _, values = word.partition(":")
        first, _, run = where.partition("+")
        strides, _, count = run.partition("x")
        at, strides, values = int(first), strides.split(","), values.split(",")
        for i in range(int(count or 1)):
            yield at % cells, float(values[i % len(values)])
            at += int(strides[i % len(strides)] or 0)


def float32(v):
    return struct.unpack("<f", struct.pack("<f", v))[0]


def agrees(kind, f):
    """Does the decoder say what the vector says? A vector that must be refused is one that raises Refused."""
    data = bytes_of(f["bytes"])
    if kind in ("body", "refused"):
        cells, numbers = int(f["cells"], 0), f["numbers"]
        got = decode(f["encoder"], data, numbers, cells)
        return kind == "body" and got == [(i, float32(v) if numbers == "float" else v)
                                          for i, v in coordinates_of(f["coordinates"], cells)]
    if kind in ("frame", "refused_frame"):
        got, body = open_frame(data)
        same = all(f[k] == v if k == "kind" else int(f[k], 0) % (256 if k == "round" and got["kind"] in
                   ("update", "join", "ask", "leave") else 65536) == v for k, v in got.items())
        return kind == "frame" and same and body == bytes_of(f["body"])
    if kind in ("acks", "refused_acks"):
        got = acks(data, int(f["ranks"], 0))
        return kind == "acks" and got == numbers_of(f.get("told", f.get("counted", "")))
    if kind == "cobs":
        return heard(data, 1 << 20) == [bytes_of(f["datagram"])] and 0 not in data[:-1]
    if kind == "heard":
        return heard(data, int(f["room"], 0)) == [bytes_of(d) for d in f["datagrams"].split("/") if d]
    of = kind.replace("refused_", "")
    got = bodies_of_workers(of, data)
    cut = {"wt": lambda v: real("b", struct.pack("<f", float(v))[2:])}
    return of == kind and got == {k: cut.get(k, lambda v: int(v, 0))(v) for k, v in f.items() if k != "bytes"}


def main():
    files = [pathlib.Path(name) for name in sys.argv[1:]] or [
        path for path in sorted(pathlib.Path(__file__).parent.glob("*.txt")) if path.name != "CMakeLists.txt"]
    count, wrong = 0, 0
    for path in files:
        for kind, name, fields in blocks(path):
            try:
                good, why = agrees(kind, fields), "says something else"
            except Refused as refused:
                good, why = kind.startswith("refused"), f"refused: {refused}"
            except KeyError as key:
                good, why = False, f"unknown: {key}"
            count += 1
            if not good:
                wrong += 1
                print(f"{path.name}: {kind} {name}: {why}", file=sys.stderr)
    print(f"{count} vectors, {wrong} wrong")
    return 1 if wrong or not count else 0


if __name__ == "__main__":
    sys.exit(main())

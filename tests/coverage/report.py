#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs instrumented test programs and prints what they covered of codec, frames and protocol: a table, a line for each file, then
all that was not run. Exits with 1 if there is any. Instantiations of a template count together.

    report.py --cov llvm-cov --profdata llvm-profdata --work FOLDER --include FOLDER PROGRAM..."""
import argparse
import json
import os
import pathlib
import subprocess
import sys

# What has to be covered, in include/weir.
FILES = ["attendance.hpp", "broadcast_ring.hpp", "coordinator.hpp", "core/bits*.hpp", "core/bytes.hpp", "core/rice_code.hpp",
         "core/serial.hpp", "encoder/*.hpp", "gate.hpp", "host/durable_coordinator.hpp", "host/journal_file.hpp",
         "mean_magnitude.hpp", "scanner.hpp", "storage/save_counters.hpp", "storage/save_state.hpp", "storage/slots.hpp",
         "transport/buffered.hpp", "transport/byte_stream.hpp", "transport/cobs.hpp", "transport/fragmented.hpp",
         "transport/loopback.hpp", "transport/star.hpp", "wire/*.hpp", "worker.hpp", "worker_protocol.hpp"]

# What cannot happen, or not by a test: a part of the line, and why it is there all the same.
EXEMPT = {
    "coordinator.hpp": {
        "wire::open(broadcast, h, body) != status::ok": "the ring has what close_round() has sealed",
        "wire::get_acks(r, terms_.ranks, rank, counted) == status::ok": "and what put_acks() wrote",
    },
    "worker.hpp": {"default: return status::wrong_kind": "all kinds of frame are in the switch"},
    "host/journal_file.hpp": {
        "n < 0 ? 0 :": "fstat() of an open file",
    },
}


def exported(options):
    """What clang counted, of all programs: [{"files": ..., "functions": ...}]."""
    for program in options.programs:
        raw = options.work / (pathlib.Path(program).name + ".profraw")
        data = raw.with_suffix(".profdata")
        environment = {**os.environ, "LLVM_PROFILE_FILE": str(raw)}
        subprocess.run([program], check=True, env=environment, stdout=subprocess.DEVNULL)
        subprocess.run([options.profdata, "merge", "-sparse", raw, "-o", data], check=True)
        text = subprocess.run([options.cov, "export", "-format=text", f"-instr-profile={data}", program], check=True,
                              capture_output=True, text=True).stdout
        yield json.loads(text)["data"][0]


class Source:
    """Counts of a file's regions and branches, by where they stand."""

    def __init__(self, path):
        self.lines = path.read_text().splitlines()
        self.regions, self.branches = {}, {}

    def add_region(self, at, count):
        self.regions[at] = self.regions.get(at, 0) + count

    def add_branch(self, at, yes, no):
        a, b = self.branches.get(at, (0, 0))
        self.branches[at] = (a + yes, b + no)

    def forget_constants(self):
        """What the compiler has computed itself is not counted at run time: on one line, the body of a constexpr function, and the
        arm that a constant condition leaves out, such as one that asks for a sizeof."""
        constants = {at[0] for at, both in self.branches.items() if both == (0, 0) and self.reached(at)}
        constants |= {n for n, line in enumerate(self.lines, 1) if "constexpr" in line or "sizeof(" in line}
        self.regions = {at: count for at, count in self.regions.items()
                        if count > 0 or at[0] != at[2] or at[0] not in constants}

    def reached(self, at):
        inside = [r for r in self.regions if r[:2] <= at[:2] and at[2:] <= r[2:]]
        return bool(inside) and self.regions[max(inside)] > 0

    def exempt(self, parts):
        """Leaves out what is on a line with one of these parts; returns the parts that no line has."""
        lines = {n for n, line in enumerate(self.lines, 1) if any(part in line for part in parts)}
        self.regions = {at: count for at, count in self.regions.items() if count > 0 or at[0] not in lines}
        self.branches = {at: both for at, both in self.branches.items() if all(both) or at[0] not in lines}
        return [part for part in parts if not any(part in line for line in self.lines)]

    def missing(self):
        """(line, column, what) of all that was not run."""
        for at, count in sorted(self.regions.items()):
            if count == 0:
                yield at[0], at[1], "not run"
        for at, (yes, no) in sorted(self.branches.items()):
            if self.reached(at) and (yes == 0) != (no == 0):
                yield at[0], at[1], "never true" if yes == 0 else "never false"

    def line_counts(self):
        """Lines with code, and those of them that ran: a line is what its innermost regions say."""
        lines = {}
        for n in range(1, len(self.lines) + 1):
            text = self.lines[n - 1].strip()
            if not text or text.startswith("//"):
                continue
            starting = [self.regions[r] for r in self.regions if r[0] == n]
            around = [r for r in self.regions if r[0] < n <= r[2]]
            if starting:
                lines[n] = max(starting)
            elif around:
                lines[n] = self.regions[max(around)]
        return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cov", required=True)
    parser.add_argument("--profdata", required=True)
    parser.add_argument("--work", required=True, type=pathlib.Path)
    parser.add_argument("--include", required=True, type=pathlib.Path)
    parser.add_argument("programs", nargs="+")
    options = parser.parse_args()

    root = options.include.resolve()
    sources = {str(path): Source(path) for pattern in FILES for path in sorted(root.glob(pattern))}
    code_region = 0
    for data in exported(options):
        for function in data["functions"]:
            names = [os.path.realpath(name) for name in function["filenames"]]
            for l0, c0, l1, c1, count, file, _, kind in function["regions"]:
                if kind == code_region and names[file] in sources:
                    sources[names[file]].add_region((l0, c0, l1, c1), count)
            for l0, c0, l1, c1, yes, no, file, _, _ in function.get("branches", []):
                if names[file] in sources:
                    sources[names[file]].add_branch((l0, c0, l1, c1), yes, no)

    for name, source in sources.items():
        source.forget_constants()
        gone = source.exempt(EXEMPT.get(os.path.relpath(name, root), {}))
        if gone:
            sys.exit(f"{name} has no such lines any more: {gone}")
    print(f"{'':32}{'lines':>14}{'regions':>14}{'branches':>14}")
    total, missing = [0] * 6, []
    for name, source in sources.items():
        short = os.path.relpath(name, root)
        lines = source.line_counts()
        outcomes = [n for at, both in source.branches.items() if both != (0, 0) for n in both]
        counts = [sum(1 for n in some if n > 0) for some in (lines.values(), source.regions.values(), outcomes)]
        alls = [len(lines), len(source.regions), len(outcomes)]
        total = [a + b for a, b in zip(total, counts + alls)]
        print(f"{short:32}" + "".join(f"{f'{n}/{of}':>14}" for n, of in zip(counts, alls)))
        missing += [f"{short}:{line}:{column}: {what}: {source.lines[line - 1].strip()}"
                    for line, column, what in source.missing()]
    print(f"{'all':32}" + "".join(f"{f'{n}/{of}':>14}" for n, of in zip(total[:3], total[3:])))
    for line in missing:
        print(line, file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())

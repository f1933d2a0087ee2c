#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""weir writes a model, NumPy reads it; NumPy writes it, weir reads it. What this needs to know it says once more by itself.

    round_trip.py PROGRAM        round_trip.cpp, built; exits with a message if anything differs
"""
import io
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import state_dict

ARRAYS = {
    "0.weight": (4, 2, 3, 3), "0.bias": (4,),
    "1.weight": (4,), "1.bias": (4,), "1.running_mean": (4,), "1.running_var": (4,),
    "4.weight_ih": (15, 24), "4.weight_hh": (15, 5), "4.bias": (15,), "4.bias_hn": (5,),
    "5.weight_ih": (12, 5), "5.weight_hh": (12, 3), "5.bias": (12,),
    "6.0.weight": (3, 3), "6.0.bias": (3,),
    "7.weight": (2, 3), "7.bias": (2,),
}


def run(*arguments):
    done = subprocess.run([sys.argv[1], *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{arguments}: {done.stderr}")
    return done.stdout


def need(ok, what):
    if not ok:
        sys.exit(f"not so: {what}")


def expected():
    """Name -> array of weights as `write` makes them."""
    at, arrays = 0, {}
    for name, shape in ARRAYS.items():
        i = np.arange(at, at + np.prod(shape))
        arrays[name] = ((37 * i % 1009 - 504) / 256).astype("<f4").reshape(shape)
        at += len(i)
    return arrays


def write_changed(folder):
    """2 a + 1, in all the ways that weir takes."""
    for n, (name, a) in enumerate(expected().items()):
        a = 2 * a + 1
        with open(folder / (name + ".npy"), "wb") as f:
            a = a.astype("<f8") if n % 2 else a
            np.lib.format.write_array(f, a, version=(2, 0) if n % 3 == 0 else (1, 0))


def there(folder):
    written = expected()
    names = sorted(p.name for p in folder.iterdir())
    need(names == sorted([n + ".npy" for n in written] + ["all.bin"]), f"one file for each array: {names}")
    for name, want in written.items():
        path = folder / (name + ".npy")
        got = np.load(path, allow_pickle=False)
        need(got.dtype == np.dtype("<f4") and got.shape == want.shape, f"type and shape of {name}")
        need(np.array_equal(got, want), f"values of {name}")
        ours = io.BytesIO()
        np.save(ours, want)
        need(path.read_bytes() == ours.getvalue(), f"{name}.npy is what numpy.save writes")
    flat = np.concatenate([a.ravel() for a in written.values()])
    need(np.array_equal(np.fromfile(folder / "all.bin", "<f4"), flat), "store_weights has the same order")


def refused(folder):
    path = folder / "7.weight.npy"
    good = path.read_bytes()
    a = np.ones((2, 3), "<f4")
    for bad, why in [
        (np.asfortranarray(a), "it is in Fortran order: save numpy.ascontiguousarray(...) of it"),
        (a.astype(">f4"), "its numbers are '>f4', not '<f4' or '<f8'"),
        (a.astype("<f2"), "its numbers are '<f2', not '<f4' or '<f8'"),
        (a.astype("i8"), "its numbers are '<i8', not '<f4' or '<f8'"),
        (a.T.copy(), "its shape is (3, 2), the model's (2, 3)"),
        (a.reshape(6), "its shape is (6,), the model's (2, 3)"),
        (np.float32(1), "its shape is (), the model's (2, 3)"),
        (np.full((2, 3), np.nan, "<f4"), "its number 0 is infinite, not a number, or too large for a float"),
        (np.full((2, 3), 1e300), "its number 0 is infinite, not a number, or too large for a float"),
        (np.ones((2, 3), [("a", "<f4")]), "its header is not a dictionary of a plain descr, fortran_order and shape"),
    ]:
        np.save(path, bad)
        got = run("refuse", folder).strip()
        need(got == "7.weight.npy: " + why, f"{got!r} for {why!r}")
    path.write_bytes(good)
    run("check", folder)


def torch_names():
    """state_dict.py on arrays in place of tensors: sums of biases, and there and back again."""
    r = np.random.default_rng(1)
    shapes = {
        "0.weight_ih_l0": (15, 4), "0.weight_hh_l0": (15, 5), "0.bias_ih_l0": (15,), "0.bias_hh_l0": (15,),
        "1.weight_ih": (12, 5), "1.weight_hh": (12, 3), "1.bias_ih": (12,), "1.bias_hh": (12,),
        "2.running_var": (3,), "2.num_batches_tracked": (), "3.0.bias": (3,),
    }
    state = {name: r.standard_normal(shape).astype("f4") for name, shape in shapes.items()}
    ours = state_dict.to_weir(state)
    need(list(ours) == ["0.weight_ih", "0.weight_hh", "0.bias", "0.bias_hn", "1.weight_ih", "1.weight_hh", "1.bias",
                        "2.running_var", "3.0.bias"], f"names: {list(ours)}")
    gru, both = state["0.bias_ih_l0"], state["0.bias_ih_l0"] + state["0.bias_hh_l0"]
    need(np.array_equal(ours["0.bias"], np.concatenate([both[:10], gru[10:]])), "a GRU's bias")
    need(np.array_equal(ours["0.bias_hn"], state["0.bias_hh_l0"][10:]), "a GRU's bias_hn")
    need(np.array_equal(ours["1.bias"], state["1.bias_ih"] + state["1.bias_hh"]), "an LSTM's bias")
    back = state_dict.to_torch(ours, state)
    for deeper in "0.bias_ih_l1", "0.weight_hh_l0_reverse":
        try:
            state_dict.to_weir({deeper: np.zeros(3)})
            sys.exit(f"not so: {deeper} is refused")
        except ValueError:
            pass
    need({n: a.shape for n, a in back.items()} == shapes, "names and shapes on the way back")
    again = state_dict.to_weir(back)
    need(all(np.array_equal(again[n], ours[n]) for n in ours), "the same weights on the way back")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        run("write", folder)
        there(folder)
        write_changed(folder)
        run("check", folder)
        refused(folder)
    listed = [line.rsplit(" ", 1)[0] for line in run("list").splitlines()]
    need(listed == [f"{n} {s}" for n, s in ARRAYS.items()], f"list: {listed}")
    torch_names()
    print(f"numpy {np.__version__}: {len(ARRAYS)} arrays there and back")


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""PyTorch's state_dict() as a folder of .npy files for weir::load_npy, and the folder of weir::save_npy back.

    save(model.state_dict(), "weights")
    model.load_state_dict(load("weights", model.state_dict()))

Names are those of an nn.Sequential that has the layers of a weir::sequential: see README.md beside this.
"""
import pathlib
import re

import numpy as np


def plain(name):
    """0.bias_ih of 0.bias_ih_l0."""
    if re.search(r"_l([1-9]\d*|\d+_reverse)$", name):
        raise ValueError(name + ": a recurrent layer here has one direction and num_layers=1; put several in a row")
    return re.sub("_l0$", "", name)


def to_weir(state):
    """Name -> array, as weir has them."""
    state = {plain(k): np.asarray(v) for k, v in state.items() if not k.endswith("num_batches_tracked")}
    arrays = {}
    for name, a in state.items():
        if name.endswith("bias_ih"):  # recurrent: one bias; a GRU's new gate keeps its part of the other
            other, hidden = state[name[:-2] + "hh"], state[name[:-7] + "weight_hh"].shape[1]
            gru = len(a) == 3 * hidden
            together = 2 * hidden if gru else len(a)
            arrays[name[:-3]] = np.concatenate([a[:together] + other[:together], a[together:]])
            if gru:
                arrays[name[:-2] + "hn"] = other[together:]
        elif not name.endswith("bias_hh"):
            arrays[name] = a
    return arrays


def to_torch(arrays, like):
    """The same back, with the names and types of a state_dict(); PyTorch's second bias is 0 but for a GRU's last third."""
    state = {}
    for full, old in like.items():
        name = plain(full)
        if name.endswith("num_batches_tracked"):
            a = np.asarray(old)
        elif name.endswith("bias_ih"):
            a = arrays[name[:-3]]
        elif name.endswith("bias_hh"):
            last = arrays.get(name[:-2] + "hn", np.zeros(0, np.float32))
            a = np.concatenate([np.zeros(len(old) - len(last), np.float32), last])
        else:
            a = arrays[name]
        state[full] = a
    return state


def save(state, folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, a in to_weir(state).items():
        np.save(folder / (name + ".npy"), np.ascontiguousarray(a, "<f4"))


def load(folder, like):
    import torch

    arrays = {path.name[:-4]: np.load(path) for path in pathlib.Path(folder).glob("*.npy")}
    return {name: torch.from_numpy(np.array(a)) for name, a in to_torch(arrays, like).items()}

"""Prints the figures in grok/base/{torch,python}_random_test.cpp, from PyTorch, Python and NumPy.

    /usr/bin/python3 tests/golden/make_random_golden.py     (Debian's python3-torch, python3-numpy)
"""

import random

import numpy as np
import torch


def show(name, values):
    print(name, ", ".join(repr(v) for v in values))


def floats(tensor):
    return [float("%.9g" % v) for v in tensor.flatten().tolist()]


print("torch", torch.__version__, "numpy", np.__version__)

raw = np.random.RandomState(5489)
show("raw 5489", [int.from_bytes(raw.bytes(4), "little") for _ in range(4)])

torch.manual_seed(0)
w = torch.randn(128, 114)
show("randn 128x114 first 4", floats(w[0, :4]))
show("randn 128x114 last 4", floats(w[-1, -4:]))
show("randn 37 after it: 0, 20, 21, 36", floats(torch.randn(37)[[0, 20, 21, 36]]))
show("randn 5", floats(torch.randn(5)))
show("randn 16: 0, 15", floats(torch.randn(16)[[0, 15]]))
show("randn 2", floats(torch.randn(2)))
show("rand 2", floats(torch.rand(2)))
show("randint 3 10", torch.randint(3, 10, (6,)).tolist())
show("randperm 10", torch.randperm(10).tolist())

random.seed(1)
show("random", [random.random() for _ in range(2)])
items = list(range(10))
random.shuffle(items)
show("shuffle 10", items)
show("randrange 100", [random.randrange(100) for _ in range(5)])
random.seed(2**40 + 7)
show("seed 2**40 + 7", [random.random()])
random.seed(0)
pairs = list(range(113 * 113))
random.shuffle(pairs)
show("split of p = 113, seed 0", pairs[:10])
show("train examples 3826..3829", pairs[3826:3830])
show("sum of place * pair", [sum(i * pair for i, pair in enumerate(pairs))])

state = np.random.RandomState(0)
items = list(range(10))
state.shuffle(items)
show("numpy shuffle 10", items)
show("numpy randint 0 100", state.randint(0, 100, 5).tolist())
show("numpy randint -5 -4", state.randint(-5, -4, 2).tolist())
show("numpy randint 0 7", state.randint(0, 7, 8).tolist())

#!/usr/bin/python3
"""PyTorch's training step of a one-layer transformer on modular addition, as researchers write it.

The peer of bench/step_bench: it reads commands on standard input and answers each on one line.

    torch_step.py THREADS P,FRACTION,D_MODEL,N_HEADS,D_HEAD,D_MLP
    > step          one full-batch step; answers its milliseconds
    > test          the same, and then the test loss, as the original notebook does every step
    > quit

First it prints one line that names PyTorch, the BLAS that is loaded and the core type that it runs
as. All three positions go through every layer, the loss is in float64, AdamW has the paper's
settings; denormals are flushed. Which BLAS, and how its threads wait and where they run, is for the
environment to say: torch_settings.py finds what is fastest. Written from the settings of Nanda et
al. 2023 (arXiv:2301.05217); needs python3-torch.
"""
import ctypes
import math
import random
import re
import sys
import time

import torch


def blas_name():
    """Of the library that this process has mapped: a setting that did not take shows here."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        paths = sorted(set(re.findall(r"/\S*/lib(?:openblas|blis|mkl_rt|blas)\S*\.so\S*", maps.read())))
    for path in paths:
        lib = ctypes.CDLL(path)
        build = path.split("/")[-2]
        if "openblas" in path.split("/")[-1]:
            lib.openblas_get_config.restype = lib.openblas_get_corename.restype = ctypes.c_char_p
            version = " ".join(lib.openblas_get_config().decode().split()[:2])
            return f"{version} ({build}), core {lib.openblas_get_corename().decode()}"
        if "blis" in path:
            # Its libblas.so.3 does not tell; the library of the same package does.
            lib = ctypes.CDLL(path.replace("libblas.so.3", "libblis.so.4"))
            lib.bli_info_get_version_str.restype = lib.bli_arch_string.restype = ctypes.c_char_p
            core = lib.bli_arch_string(lib.bli_arch_query_id()).decode()
            return f"BLIS {lib.bli_info_get_version_str().decode()} ({build}), core {core}"
    return ", ".join(path.split("/")[-1] for path in paths) or "no BLAS"


class Transformer(torch.nn.Module):
    def __init__(self, d_vocab, d_model, n_heads, d_head, d_mlp):
        super().__init__()

        def weight(*shape, fan):
            return torch.nn.Parameter(torch.randn(*shape) / math.sqrt(fan))

        self.n_heads, self.d_head = n_heads, d_head
        self.W_E = weight(d_vocab, d_model, fan=d_model)
        self.W_pos = weight(3, d_model, fan=d_model)
        self.W_Q = weight(d_model, n_heads * d_head, fan=d_model)
        self.W_K = weight(d_model, n_heads * d_head, fan=d_model)
        self.W_V = weight(d_model, n_heads * d_head, fan=d_model)
        self.W_O = weight(n_heads * d_head, d_model, fan=d_model)
        self.W_in = weight(d_model, d_mlp, fan=d_model)
        self.b_in = torch.nn.Parameter(torch.zeros(d_mlp))
        self.W_out = weight(d_mlp, d_model, fan=d_model)
        self.b_out = torch.nn.Parameter(torch.zeros(d_model))
        self.W_U = weight(d_model, d_vocab, fan=d_vocab)
        self.register_buffer("mask", torch.tril(torch.ones(3, 3, dtype=torch.bool)))

    def heads(self, x, w):
        return (x @ w).view(x.shape[0], 3, self.n_heads, self.d_head).transpose(1, 2)

    def forward(self, tokens):
        x = self.W_E[tokens] + self.W_pos
        q, k, v = self.heads(x, self.W_Q), self.heads(x, self.W_K), self.heads(x, self.W_V)
        scores = q @ k.transpose(-1, -2) / math.sqrt(self.d_head)
        pattern = torch.softmax(scores.masked_fill(~self.mask, -1e10), dim=-1)
        z = (pattern @ v).transpose(1, 2).reshape(x.shape[0], 3, -1)
        x = x + z @ self.W_O
        x = x + torch.relu(x @ self.W_in + self.b_in) @ self.W_out + self.b_out
        return x @ self.W_U


def loss_of(model, tokens, labels):
    log_probs = torch.log_softmax(model(tokens)[:, -1].to(torch.float64), dim=-1)
    return -log_probs.gather(1, labels[:, None]).mean()


class Step:
    """Model, data and optimizer of one case, "P,FRACTION,D_MODEL,N_HEADS,D_HEAD,D_MLP"."""

    def __init__(self, case):
        p, fraction, *sizes = case.split(",")
        p = int(p)
        pairs = [(a, b) for a in range(p) for b in range(p)]
        random.Random(0).shuffle(pairs)
        n_train = int(float(fraction) * len(pairs))
        tokens = torch.tensor([(a, b, p) for a, b in pairs])
        labels = torch.tensor([(a + b) % p for a, b in pairs])
        self.train = tokens[:n_train], labels[:n_train]
        self.test = tokens[n_train:], labels[n_train:]
        self.model = Transformer(p + 1, *map(int, sizes))
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=1e-3, betas=(0.9, 0.98),
                                           weight_decay=1.0)

    def milliseconds(self, with_test=False):
        begin = time.perf_counter()
        loss = loss_of(self.model, *self.train)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        if with_test:
            with torch.no_grad():
                loss_of(self.model, *self.test).item()
        loss.item()
        return (time.perf_counter() - begin) * 1e3


def set_up(threads):
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(0)


def main():
    set_up(int(sys.argv[1]))
    print("PyTorch", torch.__version__ + ", " + blas_name(), flush=True)
    step = Step(sys.argv[2])
    for line in sys.stdin:
        if line.strip() == "quit":
            return
        print(step.milliseconds(with_test=line.strip() == "test"), flush=True)


if __name__ == "__main__":
    main()

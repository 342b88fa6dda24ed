#!/usr/bin/python3
"""PyTorch's training step of a one-layer transformer on modular addition, as researchers write it.

The peer of bench/step_bench: it reads commands on standard input and answers each on one line.

    torch_step.py P FRACTION D_MODEL N_HEADS D_HEAD D_MLP THREADS
    > step          one full-batch step; answers its milliseconds
    > test          the same, and then the test loss, as the original notebook does every step
    > quit

First it prints one line that names PyTorch, its BLAS and the core type that OpenBLAS runs on. All
three positions go through every layer, the loss is in float64, AdamW as in FACTS; denormals are
flushed. Written from the settings of Nanda et al. 2023 (arXiv:2301.05217); needs python3-torch.
"""
import ctypes
import glob
import math
import os
import random
import sys
import time

import torch


def blas_name():
    for path in glob.glob("/usr/lib/*/openblas-pthread/libopenblas.so.0"):
        lib = ctypes.CDLL(path)
        lib.openblas_get_config.restype = ctypes.c_char_p
        lib.openblas_get_corename.restype = ctypes.c_char_p
        return lib.openblas_get_config().decode() + ", core " + lib.openblas_get_corename().decode()
    return os.path.realpath("/usr/lib/x86_64-linux-gnu/libblas.so.3")


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


def main():
    p, fraction = int(sys.argv[1]), float(sys.argv[2])
    d_model, n_heads, d_head, d_mlp, threads = map(int, sys.argv[3:8])
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(0)
    print("PyTorch", torch.__version__ + ", " + blas_name(), flush=True)
    pairs = [(a, b) for a in range(p) for b in range(p)]
    random.Random(0).shuffle(pairs)
    n_train = int(fraction * len(pairs))
    tokens = torch.tensor([(a, b, p) for a, b in pairs])
    labels = torch.tensor([(a + b) % p for a, b in pairs])
    model = Transformer(p + 1, d_model, n_heads, d_head, d_mlp)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.98), weight_decay=1.0)
    for line in sys.stdin:
        if line.strip() == "quit":
            return
        begin = time.perf_counter()
        loss = loss_of(model, tokens[:n_train], labels[:n_train])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if line.strip() == "test":
            with torch.no_grad():
                loss_of(model, tokens[n_train:], labels[n_train:]).item()
        loss.item()
        print((time.perf_counter() - begin) * 1e3, flush=True)


main()

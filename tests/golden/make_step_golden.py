#!/usr/bin/python3
"""Prints the losses of the first steps of `nanda-mainline` as PyTorch trains it, for tests/parity.

Written from the settings in FACTS 1 (Nanda et al. 2023, arXiv:2301.05217): init seed 0, split seed 0,
p = 113, fraction 0.3. Needs Debian's python3-torch. Usage:

    make_step_golden.py [--steps 50] [--every 1] [--dtype float32|float64] [--p 113] [--fraction 0.3]
                        [--d_model 128] [--n_heads 4] [--d_head 32] [--d_mlp 512] [--weights FILE]
"""
import argparse
import json
import math
import os
import random
import struct

os.environ.setdefault("OPENBLAS_CORETYPE", "SkylakeX")
import torch  # noqa: E402


def initial_weights(p, d_model, n_heads, d_head, d_mlp, seed):
    torch.manual_seed(seed)
    v = p + 1

    def draw(*shape, std):
        return torch.randn(*shape) / math.sqrt(std)

    return {
        "W_E": draw(d_model, v, std=d_model),
        "W_pos": draw(3, d_model, std=d_model),
        "W_K": draw(n_heads, d_head, d_model, std=d_model),
        "W_Q": draw(n_heads, d_head, d_model, std=d_model),
        "W_V": draw(n_heads, d_head, d_model, std=d_model),
        "W_O": draw(d_model, n_heads * d_head, std=d_model),
        "W_in": draw(d_mlp, d_model, std=d_model),
        "b_in": torch.zeros(d_mlp),
        "W_out": draw(d_model, d_mlp, std=d_model),
        "b_out": torch.zeros(d_model),
        "W_U": draw(d_model, v, std=v),
    }


def read_weights(path, dtype):
    data = open(path, "rb").read()
    n = struct.unpack("<Q", data[:8])[0]
    out = {}
    for name, t in json.loads(data[8:8 + n]).items():
        if name == "__metadata__":
            continue
        begin, end = t["data_offsets"]
        raw = bytearray(data[8 + n + begin:8 + n + end])
        out[name.split(".")[-1]] = torch.frombuffer(raw, dtype=torch.float32).reshape(t["shape"]).to(dtype)
    return out


def logits_of(w, tokens, d_head):
    x = w["W_E"].t()[tokens] + w["W_pos"]
    q = torch.einsum("hdm,bpm->bhpd", w["W_Q"], x)
    k = torch.einsum("hdm,bpm->bhpd", w["W_K"], x)
    v = torch.einsum("hdm,bpm->bhpd", w["W_V"], x)
    scores = q @ k.transpose(-1, -2) / math.sqrt(d_head)
    mask = torch.tril(torch.ones(3, 3, dtype=torch.bool))
    pattern = torch.softmax(scores.masked_fill(~mask, -1e10), dim=-1)
    z = (pattern @ v).permute(0, 2, 1, 3).reshape(x.shape[0], 3, -1)
    mid = x + z @ w["W_O"].t()
    post = torch.relu(mid @ w["W_in"].t() + w["b_in"])
    out = mid + post @ w["W_out"].t() + w["b_out"]
    return (out @ w["W_U"])[:, -1]


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--steps", type=int, default=50)
    ap.add_argument("--every", type=int, default=1)
    ap.add_argument("--dtype", default="float32")
    ap.add_argument("--p", type=int, default=113)
    ap.add_argument("--fraction", type=float, default=0.3)
    ap.add_argument("--d_model", type=int, default=128)
    ap.add_argument("--n_heads", type=int, default=4)
    ap.add_argument("--d_head", type=int, default=32)
    ap.add_argument("--d_mlp", type=int, default=512)
    ap.add_argument("--weights", help="safetensors in the progress-measures layout, instead of a seed")
    args = ap.parse_args()
    torch.set_num_threads(2)
    torch.set_flush_denormal(True)
    p = args.p
    dtype = getattr(torch, args.dtype)
    pairs = [(a, b) for a in range(p) for b in range(p)]
    random.seed(0)
    random.shuffle(pairs)
    train = pairs[:int(args.fraction * len(pairs))]
    tokens = torch.tensor([(a, b, p) for a, b in train])
    labels = torch.tensor([(a + b) % p for a, b in train])
    if args.weights:
        w = read_weights(args.weights, dtype)
    else:
        w = {k: t.to(dtype) for k, t in initial_weights(p, args.d_model, args.n_heads, args.d_head, args.d_mlp, 0).items()}
    for t in w.values():
        t.requires_grad_()
    optimizer = torch.optim.AdamW(w.values(), lr=1e-3, betas=(0.9, 0.98), weight_decay=1.0)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(step / 10, 1))
    for step in range(args.steps + 1):
        logits = logits_of(w, tokens, args.d_head)
        log_probs = torch.log_softmax(logits.to(torch.float64), dim=-1)
        loss = -log_probs.gather(1, labels[:, None]).mean()
        if step % args.every == 0 or step == args.steps:
            print(json.dumps({"step": step, "train_loss": float(loss)}), flush=True)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()


main()

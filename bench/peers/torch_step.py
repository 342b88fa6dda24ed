#!/usr/bin/python3
"""PyTorch's training step of one case, as researchers write it.

The peer of bench/step_bench: it reads commands on standard input and answers each on one line.

    torch_step.py THREADS FILE    a case as `step_bench --write FOLDER` writes it
    > step          one step; answers its milliseconds
    > test          the same, and then the loss of the test split, as Nanda's notebooks do every step
    > loss          one step; answers the loss before its update
    > open FILE     another case; answers 0
    > quit

Once it has the case it prints one line that names PyTorch, the BLAS that is loaded and the core type
that it runs as. A case's file holds the run's spec, its first weights, and what a step trains on: the training
split, or some batches that the steps take in turn. So drawing a batch counts for nobody. Every
position goes through every layer up to the logits, of which the answers' are then picked; the loss
is in float64 where the spec says so; denormals are flushed. Which BLAS, and how its threads wait and
where they run, is for the environment to say: torch_settings.py finds what is fastest. Needs
python3-torch.
"""
import ctypes
import re
import sys
import time

import torch
import torch.nn.functional as F

from torch_case import Case
from torch_models import model_of


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


def loss_function(settings):
    if settings["name"] == "squared_error":
        return lambda answers, batch: F.mse_loss(answers, batch.targets)
    dtype = torch.float64 if settings["precision"] == "float64" else torch.float32
    return lambda answers, batch: F.cross_entropy(answers.to(dtype), batch.labels)


def optimizer_of(settings, parameters):
    if settings["name"] == "adamw":
        return torch.optim.AdamW(parameters, lr=settings["lr"], betas=settings["betas"],
                                 eps=settings["eps"], weight_decay=settings["weight_decay"])
    return torch.optim.SGD(parameters, lr=settings["lr"], momentum=settings["momentum"],
                           nesterov=settings["nesterov"], weight_decay=settings["weight_decay"])


class Step:
    """Model, data and optimizer of a case's file."""

    def __init__(self, path):
        case = Case(path)
        self.batches, self.test = case.batches, case.test
        self.model = model_of(case)
        self.loss = loss_function(case.spec["loss"])
        self.optim = case.spec["optim"]
        self.optimizer = optimizer_of(self.optim, self.model.parameters())
        self.n_done = 0

    def loss_of(self, batch):
        return self.loss(batch.answers(self.model(batch.inputs)), batch)

    def warm_up(self):
        n_steps = self.optim["warmup_steps"]
        if self.n_done <= n_steps:
            for group in self.optimizer.param_groups:
                group["lr"] = self.optim["lr"] * (self.n_done / n_steps if self.n_done < n_steps else 1)

    def run(self):
        loss = self.loss_of(self.batches[self.n_done % len(self.batches)])
        self.optimizer.zero_grad()
        loss.backward()
        self.warm_up()
        self.optimizer.step()
        self.n_done += 1
        return loss

    def milliseconds(self, with_test=False):
        # One thread is timed by its own processor time: what other processes take does not count.
        clock = time.process_time if torch.get_num_threads() == 1 else time.perf_counter
        begin = clock()
        loss = self.run()
        if with_test:
            with torch.no_grad():
                self.loss_of(self.test).item()
        loss.item()
        return (clock() - begin) * 1e3


def set_up(threads):
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)


def main():
    set_up(int(sys.argv[1]))
    step = Step(sys.argv[2])
    print("PyTorch", torch.__version__ + ", " + blas_name(), flush=True)
    for line in sys.stdin:
        command, *words = line.split()
        if command == "quit":
            return
        answer = 0.0
        if command == "open":
            step = Step(*words)
        elif command == "loss":
            answer = step.run().item()
        else:
            answer = step.milliseconds(with_test=command == "test")
        print(answer, flush=True)


if __name__ == "__main__":
    main()

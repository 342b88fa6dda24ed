#!/usr/bin/python3
"""Finds the environment in which torch_step.py is fastest on this machine: the fair peer.

    torch_settings.py [-v] THREADS FILE...    cases as `step_bench --write FOLDER` writes them

Tries every BLAS that Debian has installed beside the system's own choice, the core types that
OpenBLAS can be told and this processor has, how OpenMP's threads wait and where they run, and a C
library that keeps what was freed, so that tensors of megabytes are not fetched from the kernel page
by page in every step. Each trial is a fresh process that times all cases: its least time of
a step counts and its least of one with the test loss, for both are compared in the environment that is
found. Prints one line per case: the best environment, as K=V K=V. With -v also every trial,
on standard error.
"""
import glob
import os
import subprocess
import sys
import time

SECONDS = 0.6  # of steps per case and trial, and at least four
BOUND = {"OMP_PROC_BIND": "true", "OMP_PLACES": "cores"}
PASSIVE = {"OMP_WAIT_POLICY": "passive"}
HEAP = {"MALLOC_MMAP_THRESHOLD_": "4000000000", "MALLOC_TRIM_THRESHOLD_": "4000000000"}


def libraries():
    """Folders for LD_LIBRARY_PATH that hold a libblas.so.3, fast ones only."""
    found = glob.glob("/usr/lib/*/openblas-*/libblas.so.3") + glob.glob("/usr/lib/*/blis-*/libblas.so.3")
    return sorted(os.path.dirname(path) for path in found)


def core_types():
    """What OpenBLAS may be told, the widest first; it knows newer processors by no name."""
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        flags = info.read().split()
    wanted = [("avx512_bf16", "Cooperlake"), ("avx512f", "SkylakeX"), ("avx2", "Haswell"), ("avx2", "Zen")]
    return [core for flag, core in wanted if flag in flags]


def trial(threads, cases):
    import torch_step
    torch_step.set_up(threads)
    for case in cases:
        step = torch_step.Step(case)
        step.milliseconds()
        alone, tested, begin = [], [], time.perf_counter()
        while len(alone) < 4 or time.perf_counter() - begin < SECONDS:
            alone.append(step.milliseconds())
            tested.append(step.milliseconds(with_test=True))
        print(min(alone) + min(tested), flush=True)


class Search:
    def __init__(self, threads, cases, is_verbose):
        self.threads, self.cases, self.is_verbose = threads, cases, is_verbose
        counts = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "BLIS_NUM_THREADS")
        self.counts = {name: str(threads) for name in counts}
        self.tried = []  # (environment, milliseconds of each case)

    def measure(self, *parts):
        environment = dict(self.counts)
        for part in parts:
            environment.update(part)
        if any(environment == other for other, _ in self.tried):
            return
        command = [sys.executable, os.path.abspath(__file__), "--trial", str(self.threads), *self.cases]
        done = subprocess.run(command, env={**os.environ, **environment}, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, check=False)
        times = [float(word) for word in done.stdout.split()]
        if done.returncode != 0 or len(times) != len(self.cases):
            return
        self.tried.append((environment, times))
        if self.is_verbose:
            print(*(f"{t:9.2f}" for t in times), "", text_of(environment), file=sys.stderr, flush=True)

    def best(self, case=0):
        return min(self.tried, key=lambda one: one[1][case])[0] if self.tried else dict(self.counts)

    def run(self):
        """One choice after another, each with the best of the former ones."""
        places = BOUND if self.threads > 1 else {}
        folders = libraries()
        self.measure(places)
        self.measure(places, HEAP)
        for core in core_types():
            self.measure(self.best(), {"OPENBLAS_CORETYPE": core})
        for folder in folders:
            self.measure(self.best(), {"LD_LIBRARY_PATH": folder})
        if self.threads > 1:
            found = {k: v for k, v in self.best().items() if k not in BOUND}
            for waiting in ({}, PASSIVE, {"GOMP_SPINCOUNT": "10000"}):
                self.measure(found, waiting)
                self.measure(found, BOUND, waiting)


def text_of(environment):
    return " ".join(f"{k}={v}" for k, v in sorted(environment.items()))


def main():
    words = [w for w in sys.argv[1:] if w not in ("-v", "--trial")]
    threads, cases = int(words[0]), words[1:]
    if "--trial" in sys.argv:
        return trial(threads, cases)
    search = Search(threads, cases, "-v" in sys.argv)
    search.run()
    for case in range(len(cases)):
        print(text_of(search.best(case)))


if __name__ == "__main__":
    main()

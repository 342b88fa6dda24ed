"""A case as `step_bench --write FOLDER` writes it: a safetensors file with the run's spec in its metadata."""
import json
import struct

import torch
import torch.nn.functional as F


def read_safetensors(path):
    """Metadata and float32 tensors by name."""
    with open(path, "rb") as file:
        data = bytearray(file.read())
    (n,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + n])
    metadata = header.pop("__metadata__")
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        part = data[8 + n + begin:8 + n + end]
        values = torch.frombuffer(part, dtype=torch.float32) if part else torch.empty(0)
        tensors[name] = values.reshape(entry["shape"]).clone()
    return metadata, tensors


class Batch:
    """Examples as the model reads them, their labels or targets, and where answers are read."""

    def __init__(self, case, tensors):
        tokens = tensors["tokens"].long()
        self.inputs = case.numbers_of(tokens) if case.reads_numbers else tokens
        self.labels = tensors["labels"].long().flatten()
        self.targets = tensors.get("targets")
        if self.targets is None and case.spec["loss"]["name"] == "squared_error":
            self.targets = F.one_hot(self.labels, case.sizes["d_vocab_out"]).float()
        self.begin = case.sizes["answers_begin"]
        self.end = self.begin + case.sizes["n_answers"]
        self.positions = self.rows = None
        if "positions" in tensors:
            self.positions = tensors["positions"].long()
            self.rows = torch.arange(len(tokens))[:, None]

    def answers(self, logits):
        """The logits of all answers, one after another, of logits [n, n_ctx, classes] or [n, classes]."""
        if logits.dim() == 2:
            return logits
        if self.positions is not None:
            return logits[self.rows, self.positions].flatten(0, 1)
        if self.end == self.begin + 1:
            return logits[:, self.begin]
        return logits[:, self.begin:self.end].flatten(0, 1)


class Case:
    def __init__(self, path):
        metadata, tensors = read_safetensors(path)
        self.spec, self.sizes = json.loads(metadata["spec"]), json.loads(metadata["sizes"])
        self.reads_numbers = self.spec["model"]["name"] != "transformer"
        self.features = tensors.get("features")

        def part(prefix):
            return {k[len(prefix):]: v for k, v in tensors.items() if k.startswith(prefix)}

        self.weights = part("weights.")
        self.batches = [Batch(self, part(f"batch.{i}.")) for i in range(self.sizes["n_batches"])]
        self.test = Batch(self, part("test."))

    def numbers_of(self, tokens):
        """Tokens' features side by side, one-hot where they have none: prepared before any step."""
        each = F.one_hot(tokens, self.sizes["d_vocab"]).float() if self.features is None else self.features[tokens]
        return each.flatten(1)

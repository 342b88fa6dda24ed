"""The models of the cases in PyTorch, with the settings of a spec's [model] section.

A setting that is not known here is refused, so that unlike work is never compared.
"""
import math

import torch
import torch.nn.functional as F
from torch.nn import Module, Parameter

ACTIVATIONS = {"relu": torch.relu, "gelu": F.gelu, "gelu_new": lambda x: F.gelu(x, approximate="tanh"),
               "silu": F.silu, "square": torch.square}
MASKED_SCORE = -1e10
NORM_EPS = 1e-5


def model_of(case):
    """Takes all of the case's weights."""
    weights = dict(case.weights)
    model = {"transformer": Transformer, "mlp": Mlp, "deep_linear": Mlp}[case.spec["model"]["name"]](
        case.spec["model"], weights, case.sizes["n_ctx"])
    if weights:
        raise ValueError(f"weights that the model has no place for: {sorted(weights)}")
    return model


def require(settings, **known):
    for key, words in known.items():
        if settings[key] not in words:
            raise ValueError(f"{key} = {settings[key]} is not known to the peer")


class Linear(Module):
    """x W, and + b where there is such a weight; of heads all in one product."""

    def __init__(self, weights, W, b, of_heads=False):
        super().__init__()
        weight = weights.pop(W)  # [in, out]; of heads [head, in, out], or of W_O [head, in, out] too
        if of_heads:
            weight = weight.permute(1, 0, 2).flatten(1)
        self.W = Parameter(weight.reshape(-1, weight.shape[-1]).contiguous())
        self.b = Parameter(weights.pop(b).flatten()) if b in weights else None

    def forward(self, x):
        return x @ self.W if self.b is None else x @ self.W + self.b


class Norm(Module):
    def __init__(self, weights, name):
        super().__init__()
        self.w, self.b = Parameter(weights.pop(name + ".w")), Parameter(weights.pop(name + ".b"))

    def forward(self, x):
        return F.layer_norm(x, self.w.shape, self.w, self.b, NORM_EPS)


class Attention(Module):
    def __init__(self, s, weights, at, n_ctx):
        super().__init__()
        self.n_heads, self.d_head, self.rate = s["n_heads"], s["d_head"], s["attention_rate"]
        self.Q, self.K, self.V = (Linear(weights, f"{at}W_{c}", f"{at}b_{c}", of_heads=True) for c in "QKV")
        self.O = Linear(weights, at + "W_O", at + "b_O")
        hidden = torch.ones(n_ctx, n_ctx, dtype=torch.bool).triu(1)
        self.register_buffer("hidden", hidden if s["causal"] else None)
        self.register_buffer("even", (1 - self.rate) * (1 - hidden.float() * s["causal"]))

    def heads(self, x):
        return x.view(*x.shape[:2], self.n_heads, self.d_head).transpose(1, 2)

    def forward(self, x):
        q, k, v = self.heads(self.Q(x)), self.heads(self.K(x)), self.heads(self.V(x))
        scores = q @ k.transpose(-1, -2) / math.sqrt(self.d_head)
        if self.hidden is not None:
            scores = scores.masked_fill(self.hidden, MASKED_SCORE)
        pattern = torch.softmax(scores, dim=-1)
        if self.rate != 1:
            pattern = self.rate * pattern + self.even
        return self.O((pattern @ v).transpose(1, 2).flatten(2))


class Block(Module):
    def __init__(self, s, weights, at, n_ctx):
        super().__init__()
        self.norms, self.factor = s["layer_norm"], s["residual_multiplier"]
        has_norms, has_mlp = self.norms in ("pre", "post"), not s["attn_only"]
        self.attention = Attention(s, weights, at + "attn.", n_ctx)
        self.ln1 = Norm(weights, at + "ln1") if has_norms else None
        self.ln2 = Norm(weights, at + "ln2") if has_norms and has_mlp else None
        self.inner = self.outer = None
        if has_mlp:
            self.inner = Linear(weights, at + "mlp.W_in", at + "mlp.b_in")
            self.outer = Linear(weights, at + "mlp.W_out", at + "mlp.b_out")
            self.act = ACTIVATIONS[s["act"]]

    def mlp(self, x):
        return self.outer(self.act(self.inner(x)))

    def part(self, part, norm, x):
        if self.norms == "pre":
            return self.sum(x, part(norm(x)))
        return norm(self.sum(x, part(x))) if self.norms == "post" else self.sum(x, part(x))

    def sum(self, x, out):
        return x + out if self.factor == 1 else self.factor * x + out

    def forward(self, x):
        x = self.part(self.attention, self.ln1, x)
        return x if self.inner is None else self.part(self.mlp, self.ln2, x)


def sinusoids(n_ctx, d_model):
    """Sines in even columns, cosines in odd ones (Vaswani et al. 2017, arXiv:1706.03762, 3.5)."""
    rate = 10000.0 ** (-torch.arange(0, d_model, 2, dtype=torch.float64) / d_model)
    angle = torch.arange(n_ctx, dtype=torch.float64)[:, None] * rate
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)[:, :d_model].float()


class Transformer(Module):
    def __init__(self, s, weights, n_ctx):
        super().__init__()
        require(s, norm=("layer_norm",), positions=("learned", "sinusoidal", "none"), dropout=(0,),
                act=ACTIVATIONS)
        self.W_E = Parameter(weights.pop("embed.W_E"))
        if s["positions"] == "learned":
            self.positions = Parameter(weights.pop("pos_embed.W_pos"))
        else:
            is_wave = s["positions"] == "sinusoidal"
            self.register_buffer("positions", sinusoids(n_ctx, s["d_model"]) if is_wave else None)
        self.blocks = torch.nn.ModuleList(
            Block(s, weights, f"blocks.{i}.", n_ctx) for i in range(s["n_layers"]))
        self.ln_final = Norm(weights, "ln_final") if s["layer_norm"] in ("pre", "final") else None
        self.unembed = None if s["tied"] else Linear(weights, "unembed.W_U", "unembed.b_U")

    def forward(self, tokens):
        x = self.W_E[tokens]
        if self.positions is not None:
            x = x + self.positions
        for block in self.blocks:
            x = block(x)
        if self.ln_final is not None:
            x = self.ln_final(x)
        return x @ self.W_E.T if self.unembed is None else self.unembed(x)


class Mlp(Module):
    """Of "mlp", which has an activation between its layers, and of "deep_linear", which has none."""

    def __init__(self, s, weights, _):
        super().__init__()
        n_layers = sum(name.endswith(".W") for name in weights)
        self.act = ACTIVATIONS[s["act"]] if s["name"] == "mlp" else lambda x: x
        *hidden, self.last = (Linear(weights, f"layers.{i}.W", f"layers.{i}.b") for i in range(n_layers))
        self.hidden = torch.nn.ModuleList(hidden)

    def forward(self, x):
        for layer in self.hidden:
            x = self.act(layer(x))
        return self.last(x)

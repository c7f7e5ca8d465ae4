# SPDX-License-Identifier: Apache-2.0
"""jsb_ssnu, jsb_snu, digits_snu and mnist_snu in PyTorch, in single precision, eager or as TorchScript.

Begins with the weights of Volley's result file and takes the samples in the same order, so that without random codes
the losses must agree. A step's surrogate derivative 1 - tanh^2 is written as the derivative of tanh.
"""
import argparse
import gzip
import json
import time

import h5py
import numpy as np
import torch
from torch import Tensor, nn

import protocol


class Unit(nn.Module):
    """A layer of (soft) spiking neural units, all ticks of a batch: [tick, lane, input] to [tick, lane, unit]."""

    def __init__(self, W, b, d: float, leak: float, soft: bool):
        super().__init__()
        self.W, self.b = nn.Parameter(torch.tensor(W)), nn.Parameter(torch.tensor(b))
        self.d, self.leak, self.soft = d, leak, soft

    def forward(self, x: Tensor) -> Tensor:
        z = x @ self.W
        s = torch.zeros_like(z[0])
        y = torch.zeros_like(s)
        out = []
        for t in range(z.shape[0]):
            u = z[t] + self.d * s * (1 - y)
            s = torch.where(u >= 0, u, self.leak * u)  # leaky_relu, but with derivative 1 at 0 as in the authors' code
            a = s + self.b
            if self.soft:
                y = torch.sigmoid(a)
            else:
                smooth = torch.tanh(a)
                y = (a > 0).to(a.dtype) + (smooth - smooth.detach())
            out.append(y)
        return torch.stack(out)


class Chorales(nn.Module):
    def __init__(self, hidden: nn.Module, V, c):
        super().__init__()
        self.hidden, self.V, self.c = hidden, nn.Parameter(torch.tensor(V)), nn.Parameter(torch.tensor(c))

    def forward(self, x: Tensor) -> Tensor:
        return self.hidden(x) @ self.V + self.c


def started(path):
    """Initial numbers of Volley's run by name."""
    with h5py.File(path) as f:
        return {g.attrs["name"]: g["start"][()] for g in f["trained"].values()}


def chorales(o, w):
    soft = o.network == "jsb_ssnu"
    hidden = Unit(w["notes->hidden"], w["hidden.b"], 0.4 if soft else 0.8, 1.0 if soft else 0.1, soft)
    with h5py.File(o.data[0]) as f:
        rolls = np.split(f["train/roll"][()].astype("f4"), np.cumsum(f["train/lengths"][()])[:-1])
    batches = [(torch.tensor(r[:-1, None]), torch.tensor(r[1:, None])) for r in rolls]
    reduction = "sum" if soft else "mean"
    loss = nn.BCEWithLogitsLoss(reduction=reduction)
    model = Chorales(hidden, w["hidden->logits"], w["logits.b"])
    optimiser = (torch.optim.SGD(model.parameters(), 0.001) if soft else torch.optim.Adam(model.parameters(), 0.01))
    return model, optimiser, batches, loss, lambda batch: batch[0]


def images(o, w):
    if o.network == "digits_snu":
        table = np.loadtxt(o.data[0], delimiter=",", dtype="f4")
        pixels, labels, train, lanes = table[:, :64] / 16, table[:, 64].astype(int), 1400, 32
    else:
        with gzip.open(o.data[0]) as f:
            pixels = np.frombuffer(f.read(), "u1", offset=16).reshape(-1, 784).astype("f4") / 255
        with gzip.open(o.data[1]) as f:
            labels = np.frombuffer(f.read(), "u1", offset=8).astype(int)
        train, lanes = 8000, 15
    chain = ["pixels", "hidden.0", "hidden.1", "output"]
    model = nn.Sequential(*[Unit(w[f"{a}->{b}"], w[f"{b}.b"], 0.9, 0.1, False) for a, b in zip(chain, chain[1:])])
    wanted = torch.eye(10)[torch.tensor(labels)]
    batches = [(torch.tensor(pixels[k:min(k + lanes, train)]), wanted[k:min(k + lanes, train)])
               for k in range(0, train, lanes)]
    optimiser = (torch.optim.Adam(model.parameters(), 0.005) if o.network == "digits_snu"
                 else torch.optim.SGD(model.parameters(), 0.5))

    def code(batch):
        return (torch.rand(20, *batch[0].shape) < 0.3 * batch[0]).float()

    return model, optimiser, batches, lambda y, target: ((y.mean(0) - target) ** 2).mean(), code


def main():
    o = argparse.ArgumentParser()
    o.add_argument("network", choices=["jsb_ssnu", "jsb_snu", "digits_snu", "mnist_snu"])
    o.add_argument("--threads", type=int, default=1)
    o.add_argument("--script", action="store_true", help="TorchScript")
    o.add_argument("--epochs", type=int, default=2)
    o.add_argument("--start", required=True, help="Volley's result file")
    o.add_argument("--data", nargs="+", required=True)
    o = o.parse_args()
    torch.set_num_threads(o.threads)
    torch.manual_seed(1)
    model, optimiser, batches, loss, code = (chorales if o.network.startswith("jsb") else images)(o, started(o.start))
    if o.script:
        model = torch.jit.script(model)
        for batch in batches[:3]:  # it specialises in its first calls
            loss(model(code(batch)), batch[1]).backward()
        optimiser.zero_grad()
    losses, seconds = [], []
    for _ in range(o.epochs):
        began, total, count = time.perf_counter(), 0.0, 0
        for batch in batches:
            optimiser.zero_grad()
            x = loss(model(code(batch)), batch[1])
            x.backward()
            optimiser.step()
            lanes = len(batch[0]) if o.network.endswith(("digits_snu", "mnist_snu")) else 1
            total, count = total + x.item() * lanes, count + lanes
        seconds.append(time.perf_counter() - began)
        losses.append(total / count)
    print(json.dumps({"version": f"PyTorch {torch.__version__}, {'TorchScript' if o.script else 'eager'}",
                      "epoch_s": min(seconds), "losses": losses, "peak_rss_mb": protocol.peak_mb()}))


main()

"""What several test modules compare with, or make their cases of."""

import concurrent.futures
import signal

import numpy as np
import torch

from errorflow import claims
from errorflow.core.loss import Loss
from errorflow.core.numerics import fill_uniform, generators
from errorflow.core.sequences import Series
from errorflow.nets import output_size
from errorflow.rules import learn


def elman(W, f):
    """Return what runs y(t) = f(W y(t-1) + x(t)) from y = 0 in torch, (T, n) to (T, n)."""
    W = torch.as_tensor(W)

    def run(x):
        y, outputs = torch.zeros(len(W), dtype=torch.float64), []
        for now in x:
            y = f(W @ y + now)
            outputs.append(y)
        return torch.stack(outputs)

    return run


def verdicts(page):
    """Return the verdicts that the predicates of a page's claims give now, by id."""
    return {c.id: claims.entry(c)["verdict"] for c in claims.all_claims() if c.page == page}


class InLine(concurrent.futures.Executor):
    """Runs what it is given at once, in this process."""

    def submit(self, function, *arguments):
        future = concurrent.futures.Future()
        future.set_result(function(*arguments))
        return future


def heed_interrupts():
    """Undo in a new process what a shell does to those it starts in the background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


SQUARED = Loss(0.0, 1.0, 1.0, 0.0, 0.25)
AT_END = SQUARED._replace(at_end=True)
CROSS_ENTROPY = SQUARED._replace(slope=0.0, offset=1.0)


def filled(net, seed, scale=1.5):
    """Return ``net``, or a pair of nets, with weights from [-scale, scale].

    Time constants T keep their values, a gamma memory's mu comes from [0.1, 1.9].
    """
    rng, constants = generators(seed, 1)[0], getattr(net, "T", None)
    constants = None if constants is None else constants.copy()
    for part in (net.A, net.C) if hasattr(net, "A") else (net,):
        fill_uniform(rng, part.w, -scale, scale)
    if constants is not None:
        net.T[:] = constants
    if hasattr(net, "mu"):
        fill_uniform(rng, net.mu, 0.1, 1.9)
    return net


def random_symbols(seed, number, steps):
    """Return steps + 1 random symbols out of so many."""
    rng = generators(seed, 2)[1]
    return np.array([int(rng.random() * number) for _ in range(steps + 1)])


def random_series(seed, inputs, outputs, steps):
    """Return a :class:`Series` of random numbers, targets from [0, 1]."""
    rng = generators(seed, 2)[1]
    x = np.array([2.0 * rng.random() - 1.0 for _ in range(steps * inputs)])
    return Series(x.reshape(steps, inputs), np.array([rng.random() for _ in range(outputs)]))


def change_by(rule, net, sequence, loss=SQUARED):
    """Return the weight change of one sequence and its squared error; the weights are put back."""
    steps = len(sequence.inputs) if isinstance(sequence, Series) else len(sequence) - 1
    before = net.w.copy()
    *_, squared = learn(rule, net, sequence, steps, loss)
    change = net.w - before
    net.w[:] = before
    return change, squared


def close(got, wanted, tolerance=1e-10):
    """Return whether ``got`` is ``wanted`` to within ``tolerance`` of its largest entry."""
    return np.abs(got - wanted).max() <= tolerance * np.abs(wanted).max()


def assert_close(got, wanted, tolerance=1e-10):
    assert close(got, wanted, tolerance)


def tensors(net):
    """Return net.w as a tensor, and the views of it that the net's fields are, by name."""
    w, views = torch.tensor(net.w, requires_grad=True), {}
    start = net.w.__array_interface__["data"][0]
    for name, field in zip(net._fields, net, strict=True):
        if isinstance(field, np.ndarray) and name != "w" and np.shares_memory(field, net.w):
            at = (field.__array_interface__["data"][0] - start) // 8
            strides = [stride // 8 for stride in field.strides]
            views[name] = torch.as_strided(w, field.shape, strides, at)
    return w, views


def gradient(net, sequence, forward, loss=SQUARED, inputs=None):
    """Return - d/dw of a sequence's loss by autograd, in the order of ``net.w``, and the loss.

    ``forward(net, W, xs)`` yields the outputs for inputs ``xs`` (T, I) and weights ``W``, views by
    name. Symbols are one of ``inputs`` entries, of as many as there are outputs if not given.
    """
    w, W = tensors(net)
    if isinstance(sequence, Series):
        xs, targets = torch.tensor(sequence.inputs), torch.tensor(sequence.target)[None]
    else:
        x, d = torch.tensor(sequence[:-1]), torch.tensor(sequence[1:])
        outputs = output_size(net)
        xs = torch.eye(inputs or outputs, dtype=torch.float64)[x]
        d = d[-1:] if loss.at_end else d
        targets = loss.low + (loss.high - loss.low) * torch.eye(outputs, dtype=torch.float64)[d]
    ys = torch.stack(list(forward(net, W, xs))[-len(targets) :])
    if (loss.slope, loss.offset) == (0.0, 1.0):
        total = torch.nn.functional.binary_cross_entropy(ys, targets, reduction="sum")
    else:
        total = 0.5 * ((targets - ys) ** 2).sum()
    total.backward()
    return -w.grad.numpy(), total.item()


def layered_step(net, W, x, h):
    """Return the hidden activations of a layered net that reads ``x`` when they are ``h``."""
    total = W["hidden"] @ torch.cat([x, h])
    return net.low + (net.high - net.low) * torch.sigmoid(total)


def layered_outputs(net, W, x, h):
    """Return the outputs of a layered net for what it reads and its hidden activations."""
    direct = net.output.shape[1] > len(net.hidden)
    return torch.sigmoid(W["output"] @ (torch.cat([x, h]) if direct else h))


def run_layered(net, W, xs, *, lag=0, truncate=False, context=0.0):
    """Yield the outputs of a layered net, which see the hidden units ``lag`` (0 or 1) steps before.

    Hidden units start from ``context``; with ``truncate`` those of the step before are constant.
    """
    h = torch.full((len(net.hidden),), context, dtype=torch.float64)
    for x in xs:
        before = h.detach() if truncate else h
        h = layered_step(net, W, x, before)
        yield layered_outputs(net, W, x, before if lag else h)

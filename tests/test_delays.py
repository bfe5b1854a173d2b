"""Nets with delays: gradients by autograd, a net as a case of another, taps against their kernel."""

from math import comb

import numpy as np
import pytest
import torch

from errorflow.methods import Experiment, prepare, run
from errorflow.nets import back_step, copy, layered, output_size, state_size, step, zeros_like
from errorflow.nets.gamma import gamma
from errorflow.nets.latch import latch
from errorflow.nets.narx import narx
from errorflow.nets.tdnn import tdnn
from errorflow.numerics import fill_uniform, generators
from errorflow.rules import Loss, learn
from errorflow.rules.bptt import bptt
from errorflow.rules.kept import Kept
from errorflow.rules.rtrl import rtrl
from errorflow.sequences import Series
from errorflow.tasks import blank, draw
from errorflow.tasks.learned_latch import learned_latch

SQUARED = Loss(0.0, 1.0, 1.0, 0.0, 0.25)


def filled(net, seed, scale=1.5):
    rng = generators(seed, 1)[0]
    fill_uniform(rng, net.w, -scale, scale)
    if hasattr(net, "mu"):
        fill_uniform(rng, net.mu, 0.1, 1.9)
    return net


def symbols(seed, n, steps):
    rng = generators(seed, 2)[1]
    return np.array([int(rng.random() * n) for _ in range(steps + 1)])


def series(seed, inputs, outputs, steps):
    rng = generators(seed, 2)[1]
    x = np.array([2.0 * rng.random() - 1.0 for _ in range(steps * inputs)])
    return Series(x.reshape(steps, inputs), np.array([rng.random() for _ in range(outputs)]))


def shown(sequence, inputs):
    """Return what a net of so many inputs is shown, as vectors."""
    if isinstance(sequence, Series):
        return torch.tensor(sequence.inputs)
    return torch.eye(inputs, dtype=torch.float64)[torch.tensor(sequence[:-1])]


def run_tdnn(net, W, xs):
    H, D, I = len(net.hidden), net.D, net.inputs
    nothing = torch.zeros(H, dtype=torch.float64), torch.zeros(I, dtype=torch.float64)
    h = []
    for t, x in enumerate(xs):
        hs = [h[t - d] if t >= d else nothing[0] for d in range(1, D + 1)]
        past = [xs[t - d] if t >= d else nothing[1] for d in range(1, D)]
        h.append(torch.sigmoid(W["hidden"] @ torch.cat([x, *hs, *past])))
        yield torch.sigmoid(W["output"] @ torch.cat([x, h[t]]))


def run_narx(net, W, xs):
    y = [torch.zeros(len(net.output), dtype=torch.float64)] * net.D
    for x in xs:
        h = torch.tanh(W["hidden"] @ torch.cat([x, *y]))
        y = [torch.sigmoid(W["output"] @ torch.cat([x, h])), *y[:-1]]
        yield y[0]


def run_gamma(net, W, xs):
    """Every tap is the sum of the past signal, weighted by its kernel."""
    H, K, I = len(net.hidden), net.K, net.inputs

    def tap(k, mu, signal, t):
        total = torch.zeros_like(mu)
        for n in range(k, t + 1):
            total = total + comb(n - 1, k - 1) * mu**k * (1 - mu) ** (n - k) * signal[t - n]
        return total

    h = []
    for t, x in enumerate(xs):
        hs = [tap(k, W["mu"][:H], h, t) for k in range(1, K + 1)]
        past = [tap(k, W["mu"][H:], xs, t) for k in range(1, K)]
        h.append(torch.sigmoid(W["hidden"] @ torch.cat([x, *hs, *past])))
        yield torch.sigmoid(W["output"] @ torch.cat([x, h[t]]))


def run_latch(net, W, xs):
    y = [torch.zeros((), dtype=torch.float64)] * net.D
    for x in xs:
        now = torch.tanh(net.total / net.D * sum(y) + W["h"] @ x[:-1] + x[-1])
        y = [now, *y[:-1]]
        yield now[None]


def gradient(net, sequence, inputs, forward):
    """Return - d/dw of half the squared error, by autograd, in the order of ``net.w``."""
    w = torch.tensor(net.w, requires_grad=True)
    views, start = {}, 0
    for name, field in zip(net._fields, net, strict=True):
        if isinstance(field, np.ndarray) and name != "w":
            part = w[start : start + field.size]
            order_f = field.ndim == 2 and not field.flags.c_contiguous
            views[name] = part.reshape(field.T.shape).T if order_f else part.reshape(field.shape)
            start += field.size
    ys = torch.stack(list(forward(net, views, shown(sequence, inputs))))
    if isinstance(sequence, Series):
        loss = 0.5 * ((torch.tensor(sequence.target) - ys[-1]) ** 2).sum()
    else:
        wanted = torch.eye(ys.shape[1], dtype=torch.float64)[torch.tensor(sequence[1:])]
        loss = 0.5 * ((wanted - ys) ** 2).sum()
    loss.backward()
    return -w.grad.numpy(), loss.item()


def change_by(rule, net, sequence, steps):
    """Return the weight change of one sequence for learning rate 1, and the squared error."""
    before = net.w.copy()
    *_, squared = learn(rule, net, sequence, steps, SQUARED)
    change = net.w - before
    net.w[:] = before
    return change, squared


def assert_close(got, wanted, tolerance=1e-10):
    assert np.abs(got - wanted).max() <= tolerance * np.abs(wanted).max()


NETS = [
    (tdnn(5, 1, 5, 1), run_tdnn),
    (tdnn(5, 2, 5, 4), run_tdnn),
    (tdnn(5, 3, 5, 20), run_tdnn),
    (narx(5, 1, 5, 1), run_narx),
    (narx(5, 3, 5, 4), run_narx),
    (gamma(5, 1, 5, 1), run_gamma),
    (gamma(5, 2, 5, 4), run_gamma),
]


@pytest.mark.parametrize("kind", ["symbols", "vectors"])
@pytest.mark.parametrize(("net", "forward"), NETS, ids=repr)
def test_bptt_equals_rtrl_equals_autograd(net, forward, kind):
    for seed in range(2):
        net = filled(copy(net), seed)
        sequence = symbols(seed, 5, 9) if kind == "symbols" else series(seed, 5, 5, 9)
        wanted, squared = gradient(net, sequence, 5, forward)
        for rule in (bptt(net, 9, 1.0), rtrl(net, 1.0, per_step=False)):
            change, error = change_by(rule, net, sequence, 9)
            assert_close(change, wanted)
            assert error == pytest.approx(squared, rel=1e-12)


@pytest.mark.parametrize("D", [1, 3, 6])
def test_latch_has_the_gradient_of_autograd(D):
    net = filled(latch(6, D), D)
    sequence = blank(learned_latch(12))
    for seed in range(4):
        draw(learned_latch(12), generators(seed, 1)[0], sequence)
        wanted, squared = gradient(net, sequence, 7, run_latch)
        for rule in (bptt(net, 12, 1.0), rtrl(net, 1.0, per_step=False)):
            change, error = change_by(rule, net, sequence, 12)
            assert_close(change, wanted)
            assert error == pytest.approx(squared, rel=1e-12)


def trained(net, sequences, alpha=1.0):
    for sequence in sequences:
        learn(bptt(net, 9, alpha), net, sequence, 9, SQUARED)
    return net


def test_one_tap_is_the_layered_net():
    """Bit for bit, also after learning."""
    sequences = [symbols(seed, 5, 9) for seed in range(20)]
    a, b = filled(tdnn(5, 3, 5, 1), 0), filled(layered.layered(5, 3, 5), 0)
    assert np.array_equal(a.w, b.w)
    assert np.array_equal(trained(a, sequences).w, trained(b, sequences).w)


def test_a_gamma_memory_without_leaks_is_a_delay_line():
    """Bit for bit, if mu = 1 and what it would learn is not looked at."""
    a, b = filled(tdnn(5, 2, 5, 4), 0), gamma(5, 2, 5, 4)
    b.w[: len(a.w)] = a.w
    assert np.all(b.mu == 1.0)
    rule = Kept(bptt(b, 9, 1.0), 1.0, 1.0)
    for seed in range(20):
        sequence = symbols(seed, 5, 9)
        learn(bptt(a, 9, 1.0), a, sequence, 9, SQUARED)
        learn(rule, b, sequence, 9, SQUARED)
    assert np.array_equal(a.w, b.w[: len(a.w)])

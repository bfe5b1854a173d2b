"""Nets with delays: gradients by autograd, one net as a case of another, kernels and roots."""

from math import comb

import numpy as np
import pytest
import torch
from oracles import (
    SQUARED,
    assert_close,
    change_by,
    filled,
    gradient,
    random_series,
    random_symbols,
)

from errorflow.core.numerics import generators
from errorflow.experiments.experiment import Experiment
from errorflow.experiments.run import run
from errorflow.flow.delay_lines import decay, flow_back, impulse_response, resting
from errorflow.nets import copy, layered, step
from errorflow.nets.gamma import gamma
from errorflow.nets.latch import latch
from errorflow.nets.narx import narx
from errorflow.nets.tdnn import tdnn
from errorflow.rules import learn
from errorflow.rules.bptt import bptt
from errorflow.rules.clipped import Clipped
from errorflow.rules.rtrl import rtrl
from errorflow.tasks import blank, draw
from errorflow.tasks.learned_latch import learned_latch


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
    H, K = len(net.hidden), net.K

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
@pytest.mark.parametrize(
    ("net", "forward"), NETS, ids=lambda part: getattr(part, "__name__", repr(part))
)
def test_bptt_equals_rtrl_equals_autograd(net, forward, kind):
    for seed in range(2):
        net = filled(copy(net), seed)
        sequence = random_symbols(seed, 5, 9) if kind == "symbols" else random_series(seed, 5, 5, 9)
        wanted, squared = gradient(net, sequence, forward)
        rules = bptt(net, 9, 1.0), rtrl(net, 1.0, per_step=False)
        for rule in rules if kind == "symbols" else rules[:1]:
            change, error = change_by(rule, net, sequence)
            assert_close(change, wanted)
            assert error == pytest.approx(squared, rel=1e-12)


@pytest.mark.parametrize("D", [1, 3, 6])
def test_latch_has_the_gradient_of_autograd(D):
    net = filled(latch(6, D), D)
    sequence = blank(learned_latch(12))
    for seed in range(4):
        draw(learned_latch(12), generators(seed, 1)[0], sequence)
        wanted, squared = gradient(net, sequence, run_latch)
        change, error = change_by(bptt(net, 12, 1.0), net, sequence)
        assert_close(change, wanted)
        assert error == pytest.approx(squared, rel=1e-12)


def trained(net, sequences, alpha=1.0):
    for sequence in sequences:
        learn(bptt(net, 9, alpha), net, sequence, 9, SQUARED)
    return net


def test_one_tap_is_the_layered_net():
    """Bit for bit, also after learning."""
    sequences = [random_symbols(seed, 5, 9) for seed in range(20)]
    a, b = filled(tdnn(5, 3, 5, 1), 0), filled(layered.layered(5, 3, 5), 0)
    assert np.array_equal(a.w, b.w)
    assert np.array_equal(trained(a, sequences).w, trained(b, sequences).w)


def test_a_gamma_memory_without_leaks_is_a_delay_line():
    """Bit for bit, if mu is kept at 1."""
    a, b = filled(tdnn(5, 2, 5, 4), 0), gamma(5, 2, 5, 4)
    b.w[: len(a.w)] = a.w
    rule = Clipped(bptt(b, 9, 1.0), 1.0, 1.0)
    for seed in range(20):
        sequence = random_symbols(seed, 5, 9)
        learn(bptt(a, 9, 1.0), a, sequence, 9, SQUARED)
        learn(rule, b, sequence, 9, SQUARED)
    assert np.array_equal(a.w, b.w[: len(a.w)])


@pytest.mark.parametrize("mu", [0.2, 0.7, 1.0, 1.6])
def test_taps_follow_the_gamma_kernel(mu):
    K, n = 5, 60
    net, states = gamma(1, 1, 1, K, mu=mu), np.zeros((n + 1, 11))
    for t in range(n):
        step(net, np.array([float(t == 0)]), states[t], states[t + 1])
    for k in range(1, K):
        kernel = [comb(m - 1, k - 1) * mu**k * (1 - mu) ** (m - k) for m in range(k, n)]
        wanted = np.array([0.0] * k + kernel)
        np.testing.assert_allclose(states[1:, K + k], wanted, rtol=0, atol=1e-12)
        np.testing.assert_allclose(impulse_response(k, mu, n), wanted, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("k", "mu"), [(1, 0.5), (3, 0.1), (10, 0.5)])
def test_a_kernel_sums_to_one_and_has_the_mean_delay_of_k_over_mu(k, mu):
    kernel = impulse_response(k, mu, 2000)
    assert kernel.sum() == pytest.approx(1.0, abs=1e-12)
    assert kernel @ np.arange(2000) == pytest.approx(k / mu, rel=1e-10)


def test_the_gradient_by_mu_is_that_of_the_recursion():
    """dE/dmu of de Vries and Principe: the derivative a_k of each tap is carried forward."""
    K, T, mu = 4, 12, 0.4
    net = filled(gamma(1, 1, 1, K), 3)
    net.mu[:] = mu
    net.hidden[0, 1 : 1 + K] = 0.0  # no feedback: all of the past comes through the input's line
    sequence = random_series(3, 1, 1, T)
    change, _ = change_by(bptt(net, T, 1.0), net, sequence)
    x, a = np.zeros(K), np.zeros(K)
    for t in range(T):
        a[1:] = (1 - mu) * a[1:] + mu * a[:-1] + x[:-1] - x[1:]
        x[1:] = (1 - mu) * x[1:] + mu * x[:-1]
        x[0] = sequence.inputs[t, 0]
    taps = net.hidden[0, [0, *range(1 + K, 2 * K)]]
    h = 1.0 / (1.0 + np.exp(-taps @ x))
    y = 1.0 / (1.0 + np.exp(-(net.output[0] @ [x[0], h])))
    theta = (sequence.target[0] - y) * y * (1 - y)
    wanted = theta * net.output[0, 1] * h * (1 - h) * (taps @ a)
    assert change[-1] == pytest.approx(wanted, rel=1e-10)


def test_a_mu_is_kept_in_its_range():
    net = filled(gamma(5, 2, 5, 4), 0)
    net.mu[:3] = -5.0, 5.0, 0.5
    learn(Clipped(bptt(net, 9, 0.0), 0.0, 2.0), net, random_symbols(0, 5, 9), 9, SQUARED)
    assert net.mu[:3].tolist() == [0.0, 2.0, 0.5]


def test_flow_back_is_the_derivative_of_autograd():
    """The errors of all earlier activations, by adding to each of them."""
    net, T, I = filled(tdnn(2, 3, 1, 4), 1), 9, 2
    x = random_series(1, I, 1, T).inputs
    added = torch.zeros(T, 3, dtype=torch.float64, requires_grad=True)
    W, h = torch.tensor(net.hidden), []
    for t in range(T):
        hs = [h[t - d] if t >= d else torch.zeros(3, dtype=torch.float64) for d in range(1, 5)]
        past = [torch.tensor(x[t - d] if t >= d else np.zeros(I)) for d in range(1, 4)]
        h.append(torch.sigmoid(W @ torch.cat([torch.tensor(x[t]), *hs, *past])) + added[t])
    flow = flow_back(net, x, 3)
    for i in range(3):
        (wanted,) = torch.autograd.grad(h[-1][i], added, retain_graph=True)
        np.testing.assert_allclose(flow[:, :, i], wanted.numpy()[::-1], rtol=1e-10, atol=1e-16)


@pytest.mark.parametrize(
    ("D", "published"), [(1, 0.619), (2, 0.732), (3, 0.794), (4, 0.832), (6, 0.878), (10, 0.921)]
)
def test_the_latch_at_rest_decays_as_computed_before(D, published):
    x = resting(1.25)
    assert round(x, 4) == 0.7104
    assert x == pytest.approx(np.tanh(1.25 * x), rel=1e-15)
    assert round(decay(np.full(D, 1.25 / D * (1 - x * x))), 3) == published


def test_learned_latch_shows_the_class_first_and_then_noise():
    task, rng, seen = learned_latch(20), generators(7, 1)[0], set()
    sequence = blank(task)
    for _ in range(50):
        assert draw(task, rng, sequence) == 20
        second = bool(sequence.target[0] > 0.0)
        seen.add(second)
        assert abs(sequence.target[0]) == 0.8
        assert np.array_equal(sequence.inputs[:3, 3 * second : 3 * second + 3], np.eye(3))
        assert np.count_nonzero(sequence.inputs[:, :6]) == 3
        assert np.all(sequence.inputs[:3, 6] == 0.0)
        assert np.all(np.abs(sequence.inputs[3:, 6]) <= 0.155)
        assert np.all(sequence.inputs[3:, 6] != 0.0)
    assert seen == {False, True}


def test_a_latch_learns_from_passes_over_a_set():
    """At 60 steps six taps learn what one does not; strings are counted in whole passes."""
    one, six = (
        run(Experiment("narx-latch", "learned-latch", 6_000, longest=60, D=D), 0) for D in (1, 6)
    )
    assert (one.success, one.sequences) == (False, 6_000)
    assert six.success
    assert six.sequences % 60 == 0
    assert six.sequences < 6_000


@pytest.mark.parametrize(("D", "solved"), [(1, False), (10, True)])
def test_what_is_in_sight_is_learned(D, solved):
    e = Experiment("tdnn", "2a", 5_000, p=10, last_only=True, streak=1_000, D=D)
    assert run(e, 0).success == solved


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: tdnn(5, 1, 5, 0), "D = 0; it must be an integer of at least 1"),
        (lambda: narx(5, 0, 5, 2), "hidden = 0; it must be"),
        (lambda: latch(6, 0), "D = 0; it must be"),
        (lambda: gamma(5, 1, 5, 2.0), "K = 2.0; it must be"),
        (lambda: gamma(5, 1, 5, 2, mu=2.0), "mu = 2.0; a gamma memory is stable for 0 < mu < 2"),
        (lambda: learned_latch(2), "steps = 2; it must be an integer of at least 3"),
        (
            lambda: learned_latch(9, noise=-1.0),
            "noise = -1.0; it must be a finite number of at least 0",
        ),
        (lambda: resting(0.5), "total = 0.5; a tanh unit latches if it is more than 1"),
    ],
)
def test_refuses(make, message):
    with pytest.raises(ValueError, match=message):
        make()

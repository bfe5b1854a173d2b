import numpy as np
import pytest
import torch
from oracles import elman, verdicts
from test_rules import run_lstm
from torch import nn

from errorflow.claims import DIRECTION, HOLDS
from errorflow.core.numerics import fill_uniform, generators
from errorflow.flow import factor
from errorflow.flow.activations import ACTIVATIONS
from errorflow.flow.forward import trajectory
from errorflow.flow.torch import measure, memory_cells
from errorflow.nets import lstm, state_size, step


@pytest.mark.parametrize(
    ("f", "scale"),
    [
        ("logistic", 0.2),
        ("logistic", 3.0),
        ("tanh", 0.2),
        ("tanh", 1.0),  # where tanh is saturated, autograd's 1 - y^2 has lost its digits
        ("linear", 3.0),
    ],
)
def test_equals_the_three_forms(f, scale):
    """d y_u(T) / d x_v(T-q) = f'_u(net_u(T)) times the factor; identity input weights."""
    torch_f = {"logistic": torch.sigmoid, "tanh": torch.tanh, "linear": lambda net: net}[f]
    for seed in range(3):
        rng = np.random.default_rng(seed)
        n, T = 4, 7
        W, x = scale * (2 * rng.random((n, n)) - 1), rng.random((T, n))
        _, slopes = trajectory(W, np.zeros(n), T, activation=ACTIVATIONS[f], drive=x)
        factors = measure(elman(W, torch_f), x).factors.numpy()
        assert np.abs(factors[0] - np.diag(slopes[0])).max() <= 1e-12
        for q in range(1, T):
            for u, v in np.ndindex(n, n):
                absolute = np.abs(factor.path_products(W, slopes[1 : q + 1], u, v)).sum()
                for form in (factor.scaling_recursive, factor.scaling_paths, factor.scaling_matrix):
                    wanted = slopes[0, u] * form(W, slopes[1 : q + 1], u, v)
                    assert abs(factors[q, u, v] - wanted) <= 1e-12 * slopes[0, u] * absolute


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
def test_equals_differences_of_the_running_module(kind):
    torch.manual_seed(1)
    net, x, h = kind(2, 3).double(), torch.randn(5, 2, dtype=torch.float64), 1e-6
    factors = measure(net, x).factors
    for t, v in np.ndindex(5, 2):
        plus, minus = x.clone(), x.clone()
        plus[t, v] += h
        minus[t, v] -= h
        with torch.no_grad():
            wanted = (net(plus)[0][-1] - net(minus)[0][-1]) / (2 * h)
        assert (factors[4 - t, :, v] - wanted).abs().max() < 1e-9


def test_norm_is_the_largest_singular_value():
    torch.manual_seed(2)
    result = measure(nn.RNN(3, 5).double(), torch.randn(6, 3, dtype=torch.float64))
    assert result.factors.shape == (6, 5, 3)
    wanted = np.linalg.svd(result.factors.numpy(), compute_uv=False)[:, 0]
    np.testing.assert_allclose(result.norms.numpy(), wanted, rtol=1e-12)


def test_batch_is_one_sequence_after_another():
    torch.manual_seed(3)
    net, x = nn.GRU(2, 4).double(), torch.randn(3, 6, 2, dtype=torch.float64)
    batch = measure(net, x)
    assert batch.norms.shape == (3, 6)
    assert batch.factors.shape == (3, 6, 4, 2)
    for sequence, norms in zip(x, batch.norms, strict=True):
        assert torch.equal(measure(net, sequence).norms, norms)


def test_leaves_the_module_and_the_inputs_alone():
    net, x = nn.LSTM(2, 3).double(), torch.ones(4, 2, dtype=torch.float64)
    with torch.no_grad():
        result = measure(net, x)
    assert not result.norms.requires_grad
    assert not x.requires_grad
    assert x.grad is None
    assert all(w.grad is None for w in net.parameters())


def test_input_that_is_not_used_has_no_flow():
    norms = measure(lambda x: x[:1].expand(len(x), 2), np.ones((4, 2))).norms
    assert norms.tolist() == [0.0, 0.0, 0.0, 1.0]
    w = torch.ones(4, 2, dtype=torch.float64, requires_grad=True)
    assert measure(lambda x: 2 * w, np.ones((4, 2))).norms.tolist() == [0.0] * 4


@pytest.mark.parametrize(
    ("module", "inputs", "message"),
    [
        (nn.Identity(), np.ones(3), r"inputs has shape \(3,\); it must be \(T, I\)"),
        (nn.Identity(), np.ones((0, 3)), r"inputs has shape \(0, 3\)"),
        (nn.Identity(), np.ones((1, 1, 2, 2)), r"inputs has shape \(1, 1, 2, 2\)"),
        (nn.Identity(), np.full((2, 2), np.nan), "inputs has entries that are not finite"),
        (nn.Identity(), np.ones((2, 2)) * 1j, "must be real numbers"),
        (lambda x: x[:-1], np.ones((3, 2)), r"outputs have shape \(2, 2\).* with T = 3"),
        (lambda x: x.sum(1), np.ones((3, 2)), r"outputs have shape \(3,\)"),
        (lambda x: x[:, :0], np.ones((3, 2)), r"outputs have shape \(3, 0\)"),
        (lambda x: x.float(), np.ones((3, 2)), r"outputs are torch.float32; call module.double"),
        (lambda x: x / 0.0, np.ones((3, 2)), "outputs have entries that are not finite"),
        (lambda x: x.detach(), np.ones((3, 2)), "carry no gradient; they must depend"),
        (lambda x: None, np.ones((3, 2)), "returned NoneType; it must return a tensor"),
        (lambda x: (), np.ones((3, 2)), "returned an empty tuple"),
        (nn.RNN(2, 3), np.ones((3, 2)), "weight_ih_l0 is torch.float32; call module.double"),
        (nn.RNN(4, 3).double(), np.ones((3, 2)), "the module does not take inputs of shape"),
    ],
)
def test_refuses(module, inputs, message):
    with pytest.raises(ValueError, match=message):
        measure(module, inputs)


NETS = [
    lstm.table1(3, 2),
    lstm.table2(4),
    lstm.task2c(3),
    lstm.memory_cells(5, 2, 2, 5, g=lstm.Squash(-2, 2), h=lstm.Squash(-1, 1)),
]


@pytest.mark.parametrize("net", [NETS[0], NETS[1]], ids=["table1", "table2"])
@pytest.mark.parametrize("truncate", [False, True])
def test_memory_cells_are_those_of_the_library(net, truncate):
    fill_uniform(generators(5, 1)[0], net.w, -1.5, 1.5)
    rng = np.random.default_rng(5)
    symbols = (net.inputs * rng.random(9)).astype(int)
    y, s = memory_cells(net, np.eye(net.inputs)[symbols], truncate=truncate)
    state, S = np.zeros(state_size(net)), net.blocks * net.size
    for t, symbol in enumerate(symbols):
        before, state = state, np.zeros_like(state)
        step(net, symbol, before, state)
        n = len(net.hidden)
        np.testing.assert_allclose(y[t], state[:S], rtol=1e-12)
        np.testing.assert_allclose(s[t], state[n : n + S], rtol=1e-12)


@pytest.mark.parametrize("truncate", [False, True])
def test_gradient_is_that_of_the_rules_oracle(truncate):
    """`run_lstm` is what BPTT and the rule of 1997 are tested against."""
    net = lstm.table1(2, 2)
    fill_uniform(generators(8, 1)[0], net.w, -1.0, 1.0)
    symbols = (7 * np.random.default_rng(8).random(7)).astype(int)
    W = {name: torch.tensor(getattr(net, name)) for name in ("hidden", "bias", "output")}
    hidden = W["hidden"].requires_grad_()
    x = torch.eye(7, dtype=torch.float64)[symbols[:-1]]
    wanted = torch.stack(list(run_lstm(net, W, x, truncate=truncate)))
    y, _ = memory_cells(net._replace(hidden=hidden), x, truncate=truncate)
    got = torch.sigmoid(y @ W["output"].T)
    assert (got - wanted).abs().max() < 1e-14
    slopes = [torch.autograd.grad((o**2).sum(), hidden)[0] for o in (got, wanted)]
    assert (slopes[0] - slopes[1]).abs().max() <= 1e-13 * slopes[1].abs().max()


def test_content_flow_is_the_identity_when_truncated_or_without_recurrence():
    x = np.random.default_rng(6).random((50, 5))
    for net, truncate in ((NETS[3], True), (NETS[1], False)):
        fill_uniform(generators(6, 1)[0], net.w, -3.0, 3.0)
        S = net.blocks * net.size
        added = torch.zeros(50, S, dtype=torch.float64)
        run = lambda a, net=net, cut=truncate: memory_cells(net, x, a, truncate=cut)[1]  # noqa: E731
        assert (measure(run, added).factors == torch.eye(S)).all()


def test_full_content_flow_equals_differences():
    net, h = NETS[3], 1e-6
    fill_uniform(generators(7, 1)[0], net.w, -2.0, 2.0)
    x, added = np.random.default_rng(7).random((6, 5)), torch.zeros(6, 4, dtype=torch.float64)
    factors = measure(lambda a: memory_cells(net, x, a)[1], added).factors
    for v in range(4):
        ends = []
        for sign in (1, -1):
            moved = added.clone()
            moved[1, v] = sign * h
            ends.append(memory_cells(net, x, moved)[1][-1])
        assert (factors[4, :, v] - (ends[0] - ends[1]) / (2 * h)).abs().max() < 1e-8
    assert (factors[4] - torch.eye(4)).abs().max() > 1e-3


def test_memory_cells_refuse():
    with pytest.raises(ValueError, match=r"x has shape \(3, 2\); it must be \(T, I\) with I = 5"):
        memory_cells(NETS[3], np.ones((3, 2)))
    with pytest.raises(ValueError, match=r"added has shape \(3, 1\); it must be \(3, 4\)"):
        memory_cells(NETS[3], np.ones((3, 5)), torch.zeros(3, 1))


def test_claims():
    """Only the full gradient is not as constant as the paper says: see the page."""
    expected = {
        "special-units": HOLDS,
        "time-constants": HOLDS,
        "adding-unit": HOLDS,
        "constant-flow": HOLDS,  # by construction: the truncation leaves s(t) = s(t-1) + ..
        "constant-flow-full": DIRECTION,  # a singular value of 3.3 in one of five nets
        "multiplicative-units": HOLDS,  # when closed; at the initial bias they are half open
    }
    assert verdicts("25-flow-through-other-units") == expected

"""Claims of Section 3 about the error flow of special units: time constants, adding units, LSTM.

torch takes seconds to import; only the predicates do it.
"""

import contextlib

import numpy as np

from errorflow.claims import decides, verdict
from errorflow.core.numerics import fill_uniform, generators
from errorflow.nets import lstm

SEEDS, STEPS = 5, 100


@contextlib.contextmanager
def _torch(seed=0):
    """Give torch on one thread, faster for small nets, and seeded; leave its state as it was."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            yield torch
    finally:
        torch.set_num_threads(threads)


def _cells(seed, input_gate=0.0):
    """Return Table 1's net of four cells at its initial weights, and 100 random inputs."""
    rng, stream = generators(seed, 2)
    net = lstm.table1(4, 1)
    fill_uniform(rng, net.w, -0.2, 0.2)
    net.bias[:4] += input_gate
    net.bias[4:] = (-1.0, -2.0, -3.0, -4.0)
    x = np.array([[stream.random() for _ in range(7)] for _ in range(STEPS)])
    return net, 2.0 * x - 1.0


def _content_flow(seed, truncate):
    """Return the factors from contents to contents, (STEPS, 4, 4)."""
    from errorflow.flow.memory_cells import memory_cells
    from errorflow.flow.torch import measure

    net, x = _cells(seed)
    with _torch():
        flow = measure(
            lambda added: memory_cells(net, x, added, truncate=truncate)[1], np.zeros((STEPS, 4))
        )
    return flow.factors.numpy()


def _changes(input_gate):
    """Return for each seed the largest change of a content 1 by 100 random inputs."""
    from errorflow.flow.memory_cells import memory_cells

    changes = []
    for seed in range(SEEDS):
        net, x = _cells(seed, input_gate)
        with _torch() as torch:
            start = torch.zeros(STEPS, 4, dtype=torch.float64)
            start[0] = 1.0
            contents = memory_cells(net, x, start)[1]
        changes.append((contents - 1.0).abs().max().item())
    return np.array(changes)


@decides("special-units")
def special_units():
    from errorflow.flow.torch import measure

    falls = {0.0: [], 5.0: []}
    for seed in range(3):
        with _torch(seed) as torch:
            x = torch.randn(STEPS, 8, dtype=torch.float64)
            for kind in (torch.nn.LSTM, torch.nn.GRU):
                net = kind(8, 8).double()
                for bias, fall in falls.items():
                    with torch.no_grad():
                        net.bias_ih_l0[8:16] += bias
                    norms = measure(net, x).norms
                    fall.append((norms[99] / norms[9]).item())
    return verdict(max(falls[0.0]) < 1e-10 and min(falls[5.0]) > 1e-2)


@decides("time-constants")
def time_constants():
    import torch

    from errorflow.flow.torch import measure

    def unit(x, tau):
        y, outputs = torch.zeros(1, dtype=torch.float64), []
        for now in x:
            y = tau * y + (1.0 - tau) * torch.tanh(now)
            outputs.append(y)
        return torch.stack(outputs)

    x = np.random.default_rng(14).random((STEPS, 1))
    slopes = 1.0 - np.tanh(x[::-1, 0]) ** 2
    worst = 0.0
    for tau in (0.5, 0.9, 0.99):
        norms = measure(lambda x, tau=tau: unit(x, tau), x.copy()).norms.numpy()
        wanted = (1.0 - tau) * slopes * tau ** np.arange(STEPS)
        worst = max(worst, np.abs(norms / wanted - 1.0).max())
    return verdict(worst < 1e-12)


@decides("adding-unit")
def adding_unit():
    return verdict(_changes(50.0).min() > 1.0)


@decides("constant-flow")
def constant_flow():
    flows = [_content_flow(seed, truncate=True) for seed in range(SEEDS)]
    return verdict(all((flow == np.eye(4)).all() for flow in flows))


@decides("constant-flow-full")
def constant_flow_full():
    flows = [_content_flow(seed, truncate=False)[-1] for seed in range(SEEDS)]
    singular = np.linalg.svd(np.array(flows), compute_uv=False)
    deviation = max(singular.max(), 1.0 / singular.min())
    return verdict(deviation <= 2.0, direction=deviation <= 100.0)


@decides("multiplicative-units")
def multiplicative_units():
    closed, held_open = _changes(-10.0), _changes(50.0)
    return verdict(closed.max() < 0.01 and (held_open > 1000.0 * closed).all())

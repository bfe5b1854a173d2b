"""Type (4), special architectures, most of them trained by BPTT.

Where the original was trained in another way (BFGS, conjugate gradient, RTRL) BPTT gives the same
gradient, and weights change after each sequence.
"""

import numpy as np

from errorflow.core.numerics import fill_uniform
from errorflow.methods import method
from errorflow.methods.nets import sizes
from errorflow.nets.lstm import memory_cells
from errorflow.nets.mozer import time_constants
from errorflow.nets.plate import holographic, unit_power_key
from errorflow.nets.second_order import second_order
from errorflow.nets.twinn import time_warping
from errorflow.nets.units import IDENTITY, Squash
from errorflow.rules.bptt import bptt
from errorflow.rules.output_errors import OutputErrors
from errorflow.rules.truncated import truncated

KIND = "special architectures"


@method("second-order", kind=KIND)
def by_second_order(task, rng, *, states=3, alpha=1.0, initial=0.2):
    """Sigma-pi units; three state units are Watrous and Kuhn's, all else is our choice."""
    inputs, outputs = sizes(task)
    net = second_order(inputs, states, outputs)
    fill_uniform(rng, net.w, -initial, initial)
    return net, bptt(net, task.steps, alpha)


@method("plate", kind=KIND)
def by_plate(task, rng, *, hidden=8, alpha=0.001, initial=0.2):
    """A holographic net; cross-entropy and a key of unit power are Plate's, all else our choice.

    alpha after a pilot with the seeds 0, 1 and 2: the largest of 1, 0.3, 0.1, .. 0.001 with which
    no trial diverged at the lags 3, 20 and 100. Linear units bound no error.
    """
    inputs, outputs = sizes(task)
    net = holographic(inputs, unit_power_key(hidden, rng), outputs)
    fill_uniform(rng, net.w, -initial, initial)
    return net, OutputErrors(bptt(net, task.steps, alpha), 0.0, 1.0)


@method("mozer", kind=KIND)
def by_mozer(task, rng, *, fast=6, slow=4, tau=0.9, alpha=1.0, initial=0.2):
    """Time constants: 6 units with 0 and 4 with tau, from 0.75 to 0.95, are Mozer's."""
    inputs, outputs = sizes(task)
    net = time_constants(inputs, [0.0] * fast + [tau] * slow, outputs)
    fill_uniform(rng, net.w, -initial, initial)
    return net, bptt(net, task.steps, alpha)


@method("twinn", kind=KIND)
def by_twinn(task, rng, *, states=4, alpha=0.1, initial=0.2):
    """A time warping invariant net; four state units are Sun et al.'s, all else is our choice.

    alpha after a pilot with the seeds 0, 1 and 2: at lag 6 with 0.1 all learned, with 1 one did.
    """
    inputs, outputs = sizes(task)
    net = time_warping(inputs, states, outputs)
    fill_uniform(rng, net.w, -initial, initial)
    return net, bptt(net, task.steps, alpha)


@method("lstm", kind=KIND)
def by_lstm(task, rng, *, cells=1, alpha=1.0, initial=0.2, slope=0.0, offset=1.0):
    """Table 2's memory cell with its input gate, by the truncated rule, step by step.

    As protocol `no-slope`: the cell is there from the start, and the output errors are not
    multiplied by the outputs' slope; slope=1, offset=0 multiplies them.
    """
    inputs, outputs = sizes(task)
    net = memory_cells(inputs, cells, 1, outputs, g=Squash(0.0, 1.0), h=IDENTITY, full=False)
    fill_uniform(rng, net.w, -initial, initial)
    return net, OutputErrors(truncated(net, alpha), slope, offset)


@method("lstm-blocks", kind=KIND)
def by_lstm_blocks(task, rng, *, blocks=2, size=2, alpha=0.5, initial=0.1):
    """Blocks behind both gates: the net, rate and start of the adding problem (1997, section 5.4).

    There, as here, the input gates' biases start at -3, -6, ...; the biases that cells and outputs
    have there are weights from an input that is always 1, and outputs that see cells have none.
    """
    inputs, outputs = sizes(task)
    net = memory_cells(inputs, blocks, size, outputs, g=Squash(-2.0, 2.0), h=Squash(-1.0, 1.0))
    fill_uniform(rng, net.w, -initial, initial)
    net.bias[:blocks] -= 3.0 * np.arange(1, blocks + 1)
    return net, truncated(net, alpha)

"""Calls of public functions with what they do not expect: found by themselves, valid or mutated.

An entry is a public function of the rooms below, of core too where it takes arrays. No entries are

- what a class has as its static methods: they are reached through the generic functions;
- parts of kernels, which numba knows how to compile into others: in plain Python numpy looks at
  bounds;
- what :mod:`errorflow.flow.torch` is made of: modules and tensors reach it checked;
- the machinery of core, what decorates or defines (``has``, ``method``, ``task``, ``load``) and
  what writes the rows of methods: it is handed code, not data;
- what only refuses: ``check...``.

Every call is made in a process of its own, so that a crash is seen as one, and by a server with
``NUMBA_DISABLE_JIT=1``: its kernels are Python, which compiles nothing and raises IndexError where
a kernel would corrupt memory.
"""

import importlib
import inspect
import itertools
import os
import pkgutil
import select
import signal
import traceback
import warnings

import numpy as np

import errorflow
from errorflow.core.checks import said

ROOMS = ("core.numerics", "core.sequences", "nets", "rules", "tasks", "flow", "methods")
ROOMS += ("experiments",)
LIBRARY = os.path.dirname(errorflow.__file__)
INNER = ("errorflow.flow.torch_modules", "errorflow.flow.torch_autograd")
DEFINING = ("has", "method", "task", "load", "matrices", "describe")


def modules():
    for room in ROOMS:
        module = importlib.import_module(f"errorflow.{room}")
        yield module
        for inner in pkgutil.walk_packages(getattr(module, "__path__", []), f"{module.__name__}."):
            yield importlib.import_module(inner.name)


def public(module):
    """Yield what a module defines under a public name."""
    for name, thing in vars(module).items():
        if name[0] != "_" and getattr(thing, "__module__", None) == module.__name__:
            yield name, thing


def is_part_of_kernels(function):
    from numba.core.registry import cpu_target

    if hasattr(function, "unchecked"):  # generic
        return False
    try:
        cpu_target.typing_context.resolve_value_type(function)
    except Exception:
        return False
    return True


def entries():
    """Return all entries by name, "room.module.function"."""
    from numba.core.registry import cpu_target

    found = dict.fromkeys(modules())
    cpu_target.typing_context.refresh()
    methods = {
        getattr(method, "__func__", None)
        for module in found
        for _, thing in public(module)
        if inspect.isclass(thing)
        for method in vars(thing).values()
    }
    return {
        f"{module.__name__}.{name}": thing
        for module in found
        for name, thing in public(module)
        if inspect.isfunction(thing)
        and module.__name__ not in INNER
        and not name.startswith("check")
        and name not in DEFINING
        and not ("methods" in module.__name__ and "Row" in str(thing.__annotations__.get("return")))
        and thing not in methods
        and not is_part_of_kernels(thing)
    }


def rng():
    return np.random.Generator(np.random.SFC64(0))


def pool():
    """Return makers of valid arguments by the names of parameters."""
    from errorflow.core.loss import Loss
    from errorflow.core.sequences import Marked, Series
    from errorflow.experiments.rows import experiment
    from errorflow.experiments.run import prepare
    from errorflow.flow.activations import LOGISTIC, RELU, TANH
    from errorflow.flow.bounds import ROWS, SPECTRAL
    from errorflow.flow.torch import measure
    from errorflow.methods.learner import Growth
    from errorflow.nets import (
        cascade,
        continuous,
        external_input,
        gamma,
        hierarchy,
        integrator,
        latch,
        layered,
        lstm,
        mozer,
        narx,
        plate,
        recurrent,
        second_order,
        sparse,
        state_machine,
        tdnn,
        threshold,
        transitions,
        twinn,
        units,
        zeros_like,
    )  # fmt: skip
    from errorflow.nets.curvature import Uses
    from errorflow.rules import (
        annealing,
        bptt,
        bptt_one_unit,
        cascade_correlation,
        chunker,
        clipped,
        discrete,
        elman,
        elman_layered,
        expectation,
        guessing,
        hierarchical_chunker,
        hybrid,
        kalman,
        multigrid,
        no_learning,
        online_epochs,
        pseudo_newton,
        rtrl,
        rtrl_one_unit,
        rtrl_recurrent,
        scaled_flow,
        truncated,
        truncated_bptt,
    )  # fmt: skip
    from errorflow.rules import transitions as growing
    from errorflow.tasks import (
        blank,
        criteria,
        gap,
        late_answer,
        learned_latch,
        parity,
        reber,
        sample,
        store,
        tomita,
        two_class,
        two_sequence,
    )  # fmt: skip

    def filled(net):
        net.w[:] = 0.3 * np.sin(np.arange(len(net.w)))
        return net

    machine = filled(state_machine.state_machine(5, 2, 5, emission=True))
    machine.w[:] = 0.5
    nets = [
        layered.table2(4), layered.layered(7, 2, 7), layered.layered(5, 3, 5, direct=False),
        recurrent.recurrent(5, 2, 5), recurrent.recurrent(2, 2, 1), lstm.table2(4),
        lstm.table1(1, 2), cascade.cascade(7, 7, 3), continuous.continuous(5, 2, 5),
        external_input.external_input(3), external_input.three_weight_latch(),
        gamma.gamma(5, 1, 5, 3), integrator.integrator(4), latch.latch(6, 3),
        mozer.time_constants(5, [0.0, 0.9], 5), narx.narx(5, 1, 5, 3),
        plate.holographic(5, [0.0, 1.0], 5), second_order.second_order(2, 3, 1),
        sparse.a1(2, 1, 1), sparse.a2(3, 1, hidden=2), tdnn.tdnn(5, 1, 5, 3),
        threshold.threshold(5, 2, 5), transitions.transitions(13, 13, 6),
        twinn.time_warping(5, 2, 5), layered.layered(2, 2, 1), recurrent.table1(3),
    ]  # fmt: skip
    nets = [filled(net) for net in nets] + [machine]
    nets += [hierarchy.pair(4), hierarchy.hierarchy(4, 3)]
    table2, deep, simple, full, small, cells = nets[:6]
    loss, at_end = Loss(0.0, 1.0, 1.0, 0.0, 0.25), Loss(0.0, 1.0, 1.0, 0.0, 0.25, True)
    rules = [
        bptt.bptt(table2, 6, 0.5), bptt.bptt(small, 6, 0.5), bptt.bptt(nets[11], 6, 0.1),
        clipped.Clipped(bptt.bptt(nets[11], 6, 0.1), 0.0, 2.0), rtrl.rtrl(full, 0.5),
        rtrl.rtrl(deep, 0.5, lag=1), elman.elman(simple, 0.5), hybrid.hybrid(full, 0.5, 2),
        truncated_bptt.truncated_bptt(table2, 6, 0.5, 3), truncated.truncated(cells, 0.5),
        truncated.truncated(nets[6], 0.5), rtrl_one_unit.rtrl_one_unit(table2, 0.5),
        bptt_one_unit.bptt_one_unit(table2, 6, 0.5), scaled_flow.scaled_flow(table2, 0.5),
        rtrl_recurrent.rtrl_recurrent(full, 0.5), elman_layered.elman_layered(simple, 0.5),
        kalman.kalman(table2), discrete.discrete(nets[21], 6, 0.5, rng()),
        pseudo_newton.pseudo_newton(table2, 6, 0.5, mu=0.1),
        pseudo_newton.time_weighted(small, 6, 0.5, mu=0.1), no_learning.no_learning(table2),
        no_learning.no_learning(small), no_learning.no_learning(nets[25]),
        growing.growing(nets[22], 0.5, sigma=0.2, theta=1.0, eps=0.1),
        chunker.chunker(nets[-2], 0.5), hierarchical_chunker.hierarchical_chunker(nets[-1], 0.5),
    ]  # fmt: skip
    tasks = [
        two_sequence.two_sequence(4), two_sequence.two_sequence(5), late_answer.late_answer(1, 1),
        gap.gap(3), parity.parity(2, 5), store.store(4), two_class.two_class(3, 6),
        tomita.tomita(2, 1, 5), learned_latch.learned_latch(4), reber.stream(12), reber.chain(8),
    ]  # fmt: skip
    strings = reber.string_set(["BTBTXSETE", "BPBPVVEPE"])
    sets = [strings, *(sample(task, rng(), 3) for task in tasks if task.steps < 50)]
    bits = sample(parity.parity(2, 5), rng(), 3)
    set_rules = [
        annealing.annealing(small, adaptations=1, cycles=1), multigrid.multigrid(small, points=2),
        guessing.guessing(small), online_epochs.OnlineEpochs(bptt.bptt(small, 6, 0.1)),
        expectation.expectation(machine, 6),
        cascade_correlation.cascade_correlation(nets[7], strings.length),
    ]  # fmt: skip
    criteria_ = [
        criteria.streak(3), criteria.streak(2, at_end=True),
        criteria.frozen_streak(table2, tasks[0], loss, 2, 2),
        criteria.all_predicted(nets[25], strings, strings),
        criteria.all_right(small, bits, bits, loss),
    ]  # fmt: skip
    symbols = [np.array([3, 0, 1, 2, 3]), np.array([0, 1, 4, 2, 0, 3, 1]), np.arange(40) % 3]
    sequences = [
        *symbols, Series(np.ones((5, 2)), np.zeros(1)), Series(np.zeros((4, 5)), np.zeros(5)),
        Marked(np.array([0, 1, 2, 3]), np.array([1, 2, 4]), True), *map(blank, tasks[:7]),
    ]  # fmt: skip
    kits = [
        kit(net, rule, sequence, criteria_[0], tasks[0])
        for net, rule, sequence in (
            (table2, rules[0], 0), (table2, rules[11], 0), (table2, rules[12], 0),
            (table2, rules[13], 0), (table2, rules[16], 0), (table2, rules[18], 0),
            (table2, rules[20], 0), (table2, rules[8], 0), (cells, rules[9], 0),
            (full, rules[4], 0), (full, rules[14], 0), (full, rules[7], 0), (simple, rules[6], 0),
            (simple, rules[15], 0), (deep, rules[5], 1), (nets[6], rules[10], 1),
            (nets[11], rules[2], 0), (nets[11], rules[3], 0), (small, rules[1], 3),
            (small, rules[19], 3), (small, rules[21], 3), (nets[21], rules[17], 0),
            (nets[22], rules[23], 1), (nets[-2], rules[24], 0), (nets[-1], rules[25], 0),
            (nets[25], rules[22], 1), (machine, no_learning.no_learning(machine), 0),
            *((net, no_learning.no_learning(net), 0) for net in nets[8:9] + nets[12:13]),
            *((net, no_learning.no_learning(net), 0) for net in nets[14:17] + nets[20:21]),
            *((net, no_learning.no_learning(net), 3) for net in (nets[9], nets[18], nets[24])),
        )
        for sequence in [sequences[sequence]]
    ]  # fmt: skip
    for k, rule in enumerate(set_rules):
        net, data = (small, bits) if k < 4 else (machine, sets[1]) if k == 4 else (nets[7], strings)
        made = criteria.all_predicted(net, strings, strings) if k == 5 else None
        made = made or criteria.all_right(net, data, data, loss)
        kits.append({"net": net, "rule": rule, "data": data, "criterion": made, "loss": loss})
    kits.append(kits[19] | {"data": bits, "judge": rules[21], "criterion": criteria_[4]})
    kits.append(kits[0] | {"criterion": criteria_[2]})
    kits.append(kits[25] | {"net": nets[25], "criterion": criteria_[3], "data": strings})
    W, slopes = 0.5 * np.ones((2, 2)), 0.25 * np.ones((3, 2))
    e = [experiment("table2/rtrl-p4-lr1", budget=3), experiment("bridge/lstm-p3", budget=3)]
    numbers = [0, 1, 2, 3, 4, 5, 6]
    vectors = [np.zeros(n) for n in (1, 2, 3, 5, 7, 13)]
    activations = [LOGISTIC, TANH, RELU]
    return {
        "kits": kits, "net": nets,
        "rule": rules + set_rules, "judge": [rules[20], rules[21], rules[22]],
        "loss": [loss, at_end, Loss(0.1, 0.9, 0.0, 1.0, 0.2)], "task": tasks, "rng": [rng()],
        "shared": [rng()], "sequence": sequences, "symbols": [*symbols, blank(tasks[0])],
        "data": sets, "training": sets, "test": sets, "strings": [strings, ["BTBTXSETE"]],
        "criterion": criteria_, "steps": numbers,
        "x": [*numbers, *vectors, np.eye(5)[:3]],
        "before": vectors, "state": vectors, "y": [1.0, *vectors],
        "errors": vectors, "e": vectors,
        "at_end": [False, True], "look_up": [True], "emission": [False],
        "h": [3, units.LOGISTIC, *vectors], "curves": vectors,
        "e_before": vectors, "h_before": vectors,
        "change": [1, -1, *(zeros_like(net) for net in nets if hasattr(type(net), "step"))],
        "uses": [Uses(zeros_like(table2), zeros_like(table2), 0.0)],
        "W": [W, [[1.0]], W[None]], "slopes": [slopes, [[0.25]] * 2, slopes[None]],
        "start": [np.zeros((1, 2)), 0.0, np.zeros(2)], "scales": [[1.0, 2.0]],
        "drive": [0.0, np.zeros(2), np.zeros((3, 2))], "bias": [0.0], "inputs": [2, 5, W, [[1.0]]],
        "activation": activations, "norm": [ROWS, SPECTRAL], "gains": [[0.0, 0.5]],
        "growth": [None, Growth(lambda net: (net, rules[0]), 2)], "setup": [
            prepare(experiment("table2/rtrl-p4-lr1", budget=3), 0)[0]],
        "seed": [0, 1], "budget": [1, 3], "moments": [[1, 3], [2]], "squared": [np.zeros(0)],
        "changes": [(1, -1), (2,)], "length": [strings.length, 3], "goal": [2], "every": [1, 2],
        "w": [np.zeros(4), table2.w, 5.0], "shape": [(2, 2), 3], "f": [units.LOGISTIC, units.TANH],
        "features": [[[0.0, 1.0], [1.0, 1.0]]], "wanted": [[False, True]], "key": [[0.0, 1.0]],
        "place": ["outer", "last", 0], "held": [True], "prefix": ["BT", "BTB"], "tau": [[0.5], 0.9],
        "string": ["0101"], "grammar": [1, 4], "groups": [None], "low": [0.0, -1.0], "high": [1.0],
        "name": ["table2/rtrl-p4-lr1", "literal"], "patterns": [["table2/*"]], "a": e, "b": e,
        "protocol_name": ["literal", "no-slope"], "settings": [None, {"alpha": "2"}], "texts": [
            {"alpha": "2"}], "kind": [0], "g": [(0.0, 1.0), units.LOGISTIC],
        "module": [lambda x: x], "plot.flow": [measure(lambda x: 0.5 * x, np.ones((3, 1)))],
        "stretched.change": [1, -1, 0], "storage.inputs": [W], "storage.start": [0.0],
        "memory_cells.net": [cells], "memory_cells.x": [np.eye(5)[:3]],
        "memory_cells.g": [units.LOGISTIC], "memory_cells.h": [units.IDENTITY],
        "memory_cells.inputs": [5], "all_predicted.net": [nets[25]], "net_for.net": ["A1"],
        "all_predicted.training": [strings], "all_predicted.test": [strings],
        **{f"{f}.e": e for f in ("run", "prepare", "learner_of", "transfer", "parsed")},
        "added": [None], "allowed": [np.ones((2, 2), bool)], "lags": [(2, 3)], "options": [],
        "method": ["rtrl"], "outputs_see": ["hidden(t)"], "connections": [None, "layered", "full"],
        "output_slope": [(1.0, 0.0)], "hidden_range": [(0.0, 1.0)], "v": [0, np.full(3, 1.0)],
        "accepted": [np.zeros(3)], "scores": [], "p": [4, 5, [1.0, 2.0]], "alpha": [0.5, 1.0],
        "most": [0, 1, 200.0], "factor": [0.5], "temperature": [0.1], "T": [1.0], "dt": [0.1],
        "mu": [0.1, 0.5], "gamma": [0.9], "tolerance": [0.25], "initial": [0.2], "w_max": [1.0],
        "noise": [0.1], "runs": [8], "total": [1.25], "own": [20.0], "epsilon": [0.5],
        "step": [1.0], "bound": [2.0], "least": [0.1, 0.5], "sigma": [0.2], "theta": [1.0],
        "eps": [0.1], "c": [2.0, 0.5], "size": [2, 0.5, None], "numbers": [(0.0, 1.0)],
        "targets": [(0.0, 1.0)], "first": [3, 4], "candidates": [cascade_correlation.OF_CANDIDATES],
        "phase": [cascade_correlation.OF_OUTPUTS], "entry": [None, "rtrl"], "file": ["/nowhere"],
    }  # fmt: skip


def kit(net, rule, sequence, criterion, task):
    """Return arguments that go together, by the names of parameters."""
    from errorflow.core.loss import Loss
    from errorflow.core.sequences import Series, input_at
    from errorflow.nets import output_size, state_size, zeros_like
    from errorflow.nets.curvature import Uses

    vectors = isinstance(sequence, Series)
    together = {
        "net": net, "rule": rule, "judge": rule, "sequence": sequence, "criterion": criterion,
        "steps": len(sequence.inputs) if vectors else min(len(sequence) - 1, 6), "p": 4,
        "loss": Loss(0.0, 1.0, 1.0, 0.0, 0.25), "x": input_at(sequence, 0), "task": task,
        "symbols": sequence, "inputs": np.eye(5)[:3] if not vectors else sequence.inputs,
    }  # fmt: skip
    if hasattr(type(net), "step"):
        for name in ("before", "state", "e", "h", "e_before", "h_before"):
            together[name] = np.full(state_size(net), 0.1)
        for name in ("y", "errors", "curves"):
            together[name] = np.full(output_size(net), 0.1)
        together["change"] = zeros_like(net)
        together["uses"] = Uses(zeros_like(net), zeros_like(net), 0.0)
    return together


NUMBERS = [0, 1, 2, 3, 5]
"""What a parameter may be of which nothing is known."""


def hostile():
    """Return what no function expects, or few do."""
    import pandas
    import torch

    return [
        None, float("nan"), float("inf"), -float("inf"), -1, 0, 7, 300, -300, 2.5, True, 1j, "",
        "x", "-3", b"3", [], (), {}, [None], ["a"], [[1.0], [1.0, 2.0]], object(), Ellipsis, int,
        len, np.int64(3), np.int8(-1), np.uint64(2), np.float32(0.5), np.bool_(True),
        np.array(3), np.array([]), np.zeros((0, 2)), np.zeros((2, 0)), np.zeros((2, 3)),
        np.zeros((2, 2, 2)), np.array([np.nan, 1.0]), np.array([1, 2]), np.array([-1, 99, 3]),
        np.array([1j]), np.array(["a"]), np.array([None, 1]), np.array([True, False]),
        np.zeros(3, dtype=np.float32), np.zeros(3, dtype=">f8"), np.array([1, 2], dtype=">i8"),
        np.array([0, 1, 2, 3, 0], dtype=np.uint8),
        np.ma.masked_array([1.0, 2.0], [True, False]),
        np.ma.masked, np.matrix([[1.0]]), np.zeros(3, dtype=[("a", float)]),
        np.broadcast_to(0.0, (5,)), np.datetime64("2020-01-01"), np.array(["2020"], "M8"),
        pandas.DataFrame({"a": [1.0, 2.0]}), pandas.Series([1, 2]), torch.ones(2),
        [torch.ones(1), torch.ones(2)], torch.nn.utils.rnn.pack_sequence([torch.ones(2)]),
        np.random.RandomState(0), np.random.default_rng(0), 1e308, 1e-320, range(3), {1, 2},
    ]  # fmt: skip


def mutated(value, k, how):
    """Return a valid argument with one thing about it changed: ``k`` and ``how`` choose."""
    bad = _CACHE["hostile"]
    if isinstance(value, tuple) and hasattr(value, "_fields") and value._fields:
        name = value._fields[k % len(value)]
        part = getattr(value, name)
        if isinstance(part, (np.ndarray, tuple)) and how % 3:
            return value._replace(**{name: mutated(part, k // len(value), how // 3)})
        if isinstance(part, int) and how % 2:
            return value._replace(**{name: (part - 1, part + 1, 99, -part)[how // 2 % 4]})
        return value._replace(**{name: bad[how % len(bad)]})
    if isinstance(value, np.ndarray):
        flat = value.copy().ravel()
        if flat.size and flat.dtype.kind in "if":
            flat[k % flat.size] = (99, -1, 7, 3)[how % 4] if flat.dtype.kind == "i" else np.nan
        frozen = value.copy()
        frozen.flags.writeable = False
        return (
            value[:-1] if value.ndim else value,
            np.concatenate([value, value]) if value.ndim else value,
            flat.reshape(value.shape),
            value.astype(np.float32 if value.dtype.kind == "f" else np.int32),
            value.astype(float) if value.dtype.kind == "i" else np.zeros(value.shape, int),
            value[None],
            value[..., :-1] if value.ndim else value,
            frozen,
            value.tolist(),
            value[::2] if value.ndim else value,
        )[how % 10]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return (
            value - 1,
            value + 1,
            -value,
            300,
            np.int64(int(value) % 2**40),
            np.float64(value),
            0,
        )[how % 7]
    if isinstance(value, str):
        return (value + "\n", value[:-1], value + "?", value.lower(), "", [value])[how % 6]
    return bad[how % len(bad)]


def is_nonsense(result):
    """Return whether a result has a number in it that is none."""
    if isinstance(result, (float, np.floating)):
        return bool(np.isnan(result))
    if isinstance(result, np.ndarray) and result.dtype.kind == "f":
        return bool(np.isnan(result).any())
    return False


_CACHE = {}
SECONDS = 30


def serve(connection):
    """Make the calls that come in, each in a fork of this process, and send what came of them."""
    _CACHE.update(entries=entries(), pool=pool(), hostile=hostile())
    while True:
        connection.send(forked(*connection.recv()))


def forked(name, choices):
    """Return what :func:`call` returns, or how its process ended."""
    end, start = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(start, call(name, choices).encode()[:60_000])
        os._exit(0)
    os.close(start)
    ready, _, _ = select.select([end], [], [], SECONDS)
    result = os.read(end, 60_000).decode() if ready else f"no end after {SECONDS} seconds"
    os.close(end)
    if not ready:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if status and ready:
        result = f"its process ended with status {status}"
    return result if result in ("fine", "refused") else f"{name}: {result} {choices}"


def call(name, choices):
    """Call an entry and return what came of it: "fine", "refused", or what is wrong.

    ``choices`` holds which values go together, and for each parameter which of its valid values,
    and None, or (what is done to it, two numbers that choose how).
    """
    function, makers = _CACHE["entries"][name], _CACHE["pool"]
    parameters = inspect.signature(function).parameters.values()
    args, named, (which_kit, choices) = [], {}, choices
    together = makers["kits"][which_kit % len(makers["kits"])] if which_kit % 8 else {}
    for parameter, (which, change) in zip(parameters, choices, strict=False):
        steered = makers.get(f"{name.rpartition('.')[2]}.{parameter.name}")
        known = steered or makers.get(parameter.name) or NUMBERS
        kind = parameter.annotation
        if inspect.isclass(kind) and any(type(value) is kind for value in known):
            steered = known = [value for value in known if type(value) is kind]
        if parameter.default is not parameter.empty:
            known = [parameter.default, *known]
        value = known[0 if which % 4 else which // 4 % len(known)]
        if parameter.name in together and not steered:
            value = together[parameter.name]
        elif parameter.default is parameter.empty:
            value = known[which % len(known)]
        if change:
            kind, k, how = change
            bad = _CACHE["hostile"]
            value = bad[k % len(bad)] if kind == "hostile" else mutated(value, k, how)
        if parameter.kind is parameter.VAR_KEYWORD:
            continue
        if parameter.kind is parameter.VAR_POSITIONAL:
            args.append(value)
        elif parameter.kind is parameter.KEYWORD_ONLY:
            named[parameter.name] = value
        else:
            args.append(value)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            result = function(*args, **named)
            if inspect.isgenerator(result):
                list(itertools.islice(result, 2))
        except ValueError as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            ours = last.filename.startswith(LIBRARY) or last.filename == "<string>"
            return "refused" if ours and str(error) else _said(name, args, named, error)
        except Exception as error:
            return _said(name, args, named, error)
    return _said(name, args, named, result) if is_nonsense(result) else "fine"


def _said(name, args, named, what):
    given = ", ".join([said(a) for a in args] + [f"{k}={said(v)}" for k, v in named.items()])
    where = ""
    if isinstance(what, BaseException):
        frames = traceback.extract_tb(what.__traceback__)
        where = " <- ".join(f"{os.path.basename(f.filename)}:{f.lineno}" for f in frames[::-1][:4])
        what = f"{type(what).__name__}: {what}"
    return f"{name.removeprefix('errorflow.')}({given})\n    {what!s:.200}  [{where}]"

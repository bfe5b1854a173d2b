"""Section 3: what the name of a method stands for, and trials of any method on any task.

A method is a function ``method(task, rng, **constants)`` that returns a net, its weights drawn, a
rule, and, if the net is handed over small, a :class:`~errorflow.experiments.training.Growth`; the constants are
its keywords, with the published value, or our choice, as default. The rule learns on-line (it is a
:mod:`errorflow.rules` rule) or has ``epochs`` and learns from a set.
"""

import importlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from errorflow.core.checks import check_size
from errorflow.experiments.training import Growth, batch, online
from errorflow.methods.problems import PROBLEMS
from errorflow.tasks import sample
from errorflow.tasks.criteria import all_right, streak

KINDS = (
    "gradient methods",
    "without gradients",
    "larger gradients",
    "higher levels",
    "special architectures",
)
"""What Section 3 sorts methods into: those that suffer, then its types (1) to (4)."""

MODULES = ("gradients", "search", "enlarged", "levels", "higher", "delays", "architectures")
"""The modules of this package that define methods, in the order of Section 3."""


class Method(NamedTuple):
    """A method: ``build(task, rng, **constants)`` returns (net, rule) or (net, rule, growth)."""

    name: str
    kind: str
    build: Callable


_REGISTRY: dict[str, Method] = {}


def method(name, *, kind):
    """Register the decorated function as the method ``name``, of one of :data:`KINDS`."""
    if name in _REGISTRY or kind not in KINDS:
        raise ValueError(f"method {name!r}, kind {kind!r}: taken, or not one of {', '.join(KINDS)}")

    def register(build):
        _REGISTRY[name] = Method(name, kind, build)
        return build

    return register


def all_methods():
    """Return all methods by name, in the order of Section 3."""
    for module in MODULES:
        importlib.import_module(f"{__name__}.{module}")
    order = sorted(_REGISTRY.values(), key=lambda m: KINDS.index(m.kind))
    return {m.name: m for m in order}


@dataclass(frozen=True)
class Experiment:
    """All that decides a trial of Section 3, but for the seed.

    ``p`` is the lag or the largest length of the ``task``. ``about`` and ``constants`` are pairs
    (name, value) that replace defaults of the task and of the method. ``budget`` is the largest
    number of sequences, or of what else a rule's ``epochs`` count.

    >>> Experiment("bptt", "parity", 5, budget=10).method
    'bptt'
    """

    method: str
    task: str
    p: int
    budget: int
    about: tuple = ()
    constants: tuple = ()

    def __post_init__(self):
        """Refuse what cannot be run, naming the value and what would be right."""
        for name, known in (("method", all_methods()), ("task", PROBLEMS)):
            if getattr(self, name) not in known:
                value = getattr(self, name)
                raise ValueError(f"{name} = {value!r}; it must be one of {', '.join(known)}")
        check_size("p", self.p)
        check_size("budget", self.budget)
        _check_keywords("task", self.task, PROBLEMS[self.task], self.about)
        build = all_methods()[self.method].build
        _check_keywords("method", self.method, build, self.constants)


def _check_keywords(what, name, function, pairs):
    known = [
        key for key, p in inspect.signature(function).parameters.items() if p.kind == p.KEYWORD_ONLY
    ]
    for key, _ in pairs:
        if key not in known:
            has = f"it has {', '.join(known)}" if known else "it has none"
            raise ValueError(f"{what} {name!r} has no constant {key!r}; {has}")


class Outcome(NamedTuple):
    """The result of a trial; ``curve`` as in :class:`errorflow.experiments.training.Trained`."""

    success: bool
    sequences: int
    weights: int
    curve: list
    net: NamedTuple


class Prepared(NamedTuple):
    """A trial before its first sequence; ``problem`` as in :mod:`errorflow.methods.problems`."""

    net: NamedTuple
    rule: NamedTuple
    problem: NamedTuple
    rng: np.random.Generator
    growth: Growth | None = None


def prepare(e, seed):
    """Return the trial of experiment ``e`` with that ``seed`` as :class:`Prepared`."""
    if not isinstance(seed, (int, np.integer)) or isinstance(seed, bool) or seed < 0:
        raise ValueError(f"seed = {seed!r}; it must be an integer of at least 0")
    sequence = np.random.SeedSequence(seed, spawn_key=(0,))
    rng = np.random.Generator(np.random.SFC64(sequence))
    problem = PROBLEMS[e.task](e.p, **dict(e.about))
    net, rule, *growth = all_methods()[e.method].build(problem.task, rng, **dict(e.constants))
    return Prepared(net, rule, problem, rng, *growth)


def run(e, seed, *, curve_every=0):
    """Run the trial of experiment ``e`` with that ``seed`` and return an :class:`Outcome`.

    On-line: success is a streak of sequences without a wrong output, judged while learning; counted
    are those before. On a set: success is a training set without a wrong output, and then a test
    set of as many sequences; counted is what the rule's ``epochs`` count.
    """
    net, rule, (task, loss, at_end, goal, size), rng, growth = prepare(e, seed)
    if hasattr(rule, "epochs"):
        training, test = sample(task, rng, size), sample(task, rng, size)
        criterion = all_right(net, training, test, loss, at_end=at_end)
        options = {"curve": bool(curve_every)}
        result = batch(net, rule, training, loss, criterion, rng, e.budget, **options)
    else:
        criterion = streak(goal, at_end=at_end)
        options = {"growth": growth, "curve_every": curve_every}
        result = online(net, rule, task, loss, criterion, rng, e.budget, **options)
    weights = getattr(result.net, "weights", len(result.net.w))
    return Outcome(result.success, result.sequences, weights, result.curve, result.net)

"""The tasks by name: each with its sequences, its targets, and what counts as solved.

A function decorated with :func:`task` takes what ten successive trials share, a generator, and the
task's options, and returns a :class:`Problem`.
"""

from collections.abc import Callable
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np

from errorflow.core.entries import guarded
from errorflow.core.loss import Loss
from errorflow.core.options import ABOVE_0, at_least
from errorflow.tasks import reber, sample
from errorflow.tasks.criteria import all_predicted, all_right, frozen_streak, streak
from errorflow.tasks.gap import gap
from errorflow.tasks.late_answer import late_answer
from errorflow.tasks.learned_latch import learned_latch
from errorflow.tasks.parity import parity
from errorflow.tasks.store import store
from errorflow.tasks.tomita import tomita
from errorflow.tasks.two_class import two_class
from errorflow.tasks.two_sequence import two_sequence

FROZEN_EVERY = 1_000


class Reading(NamedTuple):
    """How the outputs of a net are read where nothing is learned.

    With ``lag`` 1 they see the state one step before. ``context`` is what the state starts from, in
    each sequence or, without ``reset``, only once.
    """

    lag: int = 0
    reset: bool = True
    context: float = 0.0


class Problem(NamedTuple):
    """A task, what its outputs are compared with, and what counts as solved.

    On-line: ``streak`` successive sequences without a wrong output, judged while ``"learning"`` or
    with the weights ``"frozen"``. From a set: a training set of ``set_size`` sequences without a
    wrong output, and then a test set of as many. With ``at_end`` only the last step is judged.
    """

    task: Any
    loss: Loss
    at_end: bool
    streak: int
    set_size: int
    judged: str = "learning"

    def criterion(self, net: Any, reading: Reading | None) -> Any:
        """Return the criterion for a net that learns on-line."""
        if self.judged == "learning":
            return streak(self.streak, at_end=self.at_end)
        if reading is None:
            raise ValueError("judged = 'frozen'; this method's nets are judged while 'learning'")
        how: dict[str, Any] = {"at_end": self.at_end, "lag": reading.lag, "reset": reading.reset}
        return frozen_streak(net, self.task, self.loss, self.streak, FROZEN_EVERY, **how)

    def set_and_criterion(self, net: Any, reading: Reading | None, rng: np.random.Generator) -> Any:
        """Return the set that a net learns from, drawn with ``rng``, and its criterion."""
        training, test = (sample(self.task, rng, self.set_size) for _ in range(2))
        return training, all_right(net, training, test, self.loss, at_end=self.at_end)


class StringProblem(NamedTuple):
    """Experiment 1: all symbols of all strings of ``training`` and ``test`` are predicted."""

    task: Any
    loss: Loss
    training: reber.StringSet
    test: reber.StringSet
    every: int
    strict: bool

    def criterion(self, net: Any, reading: Reading | None) -> Any:
        """Return the criterion, looked at after every ``every`` strings."""
        if reading is None:
            raise ValueError("task = 'embedded-reber'; this method's nets are for tasks 2a and 2b")
        options = {"every": self.every, "strict": self.strict, **reading._asdict()}
        return all_predicted(net, self.training, self.test, **options)

    def set_and_criterion(self, net: Any, reading: Reading | None, rng: np.random.Generator) -> Any:
        """Return the training set and the criterion."""
        return self.training, self.criterion(net, reading)


TASKS: dict[str, Callable] = {}


def task(name: str) -> Callable:
    """Register the decorated function as the task ``name``."""
    if name in TASKS:
        raise ValueError(f"task {name!r} is defined twice")

    def register(build):
        TASKS[name] = guarded(build)
        return TASKS[name]

    return register


Lag = Annotated[int, "the lag: the last symbol equals the first, p steps before"]
Longest = Annotated[int, "the largest length of a sequence"]
Shortest = Annotated[int | None, "the smallest length; None: half the largest one"]
Targets = Annotated[tuple[float, float], "for the other symbols and for the next one; not stated"]
Classes = Annotated[tuple[float, float], "for the first and for the second class"]
Tolerance = Annotated[float, ABOVE_0, "an output is wrong if its error reaches this"]
Successive = Annotated[int, "on-line: so many successive sequences must be right"]
SetSize = Annotated[int, "from a set: the number of training and of test sequences"]
Judged = Annotated[
    Literal["learning", "frozen"],
    "while learning, or every 1,000 sequences with the weights held fixed; not stated",
]
JudgedAt = Annotated[
    Literal["every step", "end"], "where errors count; 2a: text and Table 11 of 1997 disagree"
]
LastOnly = Annotated[bool, "nothing but the last symbol has to be predicted"]
Noise = Annotated[float, at_least(0), "the noise after the first elements"]
Strict = Annotated[bool, "all legal successors must be the most active; else only the most active"]


def _loss(tolerance, targets=(0.0, 1.0), *, at_end=False):
    low, high = targets
    return Loss(low, high, 1.0, 0.0, tolerance, at_end)


@task("embedded-reber")
def embedded_reber(
    shared: np.random.Generator,
    *,
    targets: Targets = (0.0, 1.0),
    duplicates: Annotated[bool, "the training set is kept as drawn; not stated"] = True,
    stream: Annotated[
        bool, "training strings are fresh, and the next one's first symbol is predicted too"
    ] = False,
    but_outer: Annotated[bool, "the last symbol but one need not be predicted"] = False,
    strict: Strict = True,
    test_every: Annotated[int, "both sets are tested after so many strings; not stated"] = 20,
) -> StringProblem:
    """Experiment 1: the embedded Reber grammar, 256 training and 256 other test strings."""
    strings = reber.training_and_test(shared, duplicates=duplicates)
    how: dict[str, Any] = {"stream": stream, "judged": "but outer" if but_outer else "all"}
    training, test = (reber.string_set(each, **how) for each in strings)
    drawn = reber.stream() if stream else training
    return StringProblem(drawn, _loss(0.25, targets), training, test, test_every, strict)


@task("2a")
def two_sequences(
    shared: np.random.Generator,
    *,
    p: Lag,
    targets: Targets = (0.0, 1.0),
    tolerance: Tolerance = 0.25,
    judged: Judged = "learning",
    judged_at: JudgedAt = "every step",
    last_only: LastOnly = False,
    streak: Successive = 10_000,
    set_size: SetSize = 20,
) -> Problem:
    """Experiment 2: two sequences that differ in the first and in the last symbol."""
    how = judged_at == "end" or last_only, streak, set_size, judged
    return Problem(two_sequence(p), _loss(tolerance, targets, at_end=last_only), *how)


@task("2b")
def random_middle(
    shared: np.random.Generator,
    *,
    p: Lag,
    targets: Targets = (0.0, 1.0),
    tolerance: Tolerance = 0.25,
    judged: Judged = "learning",
    judged_at: JudgedAt = "end",
    last_only: LastOnly = False,
    streak: Successive = 10_000,
    set_size: SetSize = 20,
) -> Problem:
    """Task 2b of 1997: as 2a, with random symbols between the first and the last."""
    how = judged_at == "end" or last_only, streak, set_size, judged
    loss = _loss(tolerance, targets, at_end=last_only)
    return Problem(two_sequence(p, regular=False), loss, *how)


@task("2c")
def late(
    shared: np.random.Generator,
    *,
    p: Annotated[int, "the number of distractors"],
    q: Annotated[int, "so many distractors at least: the lag is above q"],
    targets: Targets = (0.0, 1.0),
    tolerance: Tolerance = 0.2,
    judged: Judged = "learning",
    streak: Successive = 10_000,
    set_size: SetSize = 20,
) -> Problem:
    """Task 2c of 1997: the answer after a trigger, at the end of a long and noisy sequence."""
    loss = _loss(tolerance, targets, at_end=True)
    return Problem(late_answer(p, q), loss, True, streak, set_size, judged)


@task("latch")
def latch(
    shared: np.random.Generator,
    *,
    longest: Longest,
    shortest: Annotated[int | None, "the smallest length; None: the largest one"] = None,
    noise: Noise = 0.2**0.5,
    targets: Classes = (-0.8, 0.8),
    tolerance: Tolerance = 0.8,
    streak: Successive = 1_000,
    set_size: SetSize = 100,
) -> Problem:
    """One element, then Gaussian noise of variance 0.2, for a tanh unit; right is the sign."""
    least = longest if shortest is None else shortest
    drawn = two_class(least, longest, noise=noise, gaussian=True, targets=targets)
    return Problem(drawn, _loss(tolerance), True, streak, set_size)


@task("learned-latch")
def latch_with_learned_inputs(
    shared: np.random.Generator,
    *,
    longest: Longest,
    noise: Noise = 0.155,
    tolerance: Tolerance = 0.8,
    streak: Successive = 1_000,
    set_size: SetSize = 60,
) -> Problem:
    """The latch whose inputs are learned: 60 strings, about 30 a class; right is the sign."""
    return Problem(learned_latch(longest, noise=noise), _loss(tolerance), True, streak, set_size)


@task("2-sequence")
def classes(
    shared: np.random.Generator,
    *,
    longest: Longest,
    shortest: Shortest = None,
    informative: Annotated[int, "so many first elements tell the class"] = 3,
    noise: Noise = 0.2,
    gaussian: Annotated[bool, "the noise is Gaussian, else uniform"] = False,
    targets: Classes = (0.0, 1.0),
    tolerance: Tolerance = 0.25,
    streak: Successive = 1_000,
    set_size: SetSize = 100,
) -> Problem:
    """The 2-sequence problem: the first elements tell the class, noise follows."""
    least = max(1, longest // 2) if shortest is None else shortest
    options: dict[str, Any] = {"noise": noise, "gaussian": gaussian, "targets": targets}
    drawn = two_class(least, longest, informative=informative, **options)
    return Problem(drawn, _loss(tolerance), True, streak, set_size)


@task("parity")
def odd(
    shared: np.random.Generator,
    *,
    longest: Longest,
    shortest: Shortest = None,
    tolerance: Tolerance = 0.25,
    streak: Successive = 1_000,
    set_size: SetSize = 100,
) -> Problem:
    """The parity problem: whether the number of ones is odd."""
    least = max(1, longest // 2) if shortest is None else shortest
    return Problem(parity(least, longest), _loss(tolerance), True, streak, set_size)


@task("tomita")
def grammar(
    shared: np.random.Generator,
    *,
    longest: Longest,
    number: Annotated[int, "which of the seven grammars"] = 1,
    shortest: Annotated[int, "the smallest length"] = 1,
    tolerance: Tolerance = 0.25,
    streak: Successive = 1_000,
    set_size: SetSize = 100,
) -> Problem:
    """Tomita's grammars: whether the string is legal."""
    return Problem(tomita(number, shortest, longest), _loss(tolerance), True, streak, set_size)


@task("gap")
def gaps(
    shared: np.random.Generator,
    *,
    p: Annotated[int, "the gap: so many letters stand between the triggers"],
    alternating: Annotated[bool, "both sequences take turns, and are an epoch"] = False,
    tolerance: Tolerance = 0.25,
    streak: Successive = 1_000,
    set_size: SetSize = 20,
) -> Problem:
    """Mozer's gap task, judged at every step: the second trigger is not the last symbol."""
    drawn = gap(p, alternating=alternating)
    return Problem(drawn, _loss(tolerance), False, streak, set_size)


@task("reber")
def strings(
    shared: np.random.Generator,
    *,
    longest: Longest = 64,
    strict: Strict = True,
    streak: Successive = 100,
    set_size: SetSize = 256,
) -> Problem:
    """Strings of the Reber grammar, not embedded, one after the other."""
    return Problem(reber.chain(longest, strict=strict), _loss(0.25), False, streak, set_size)


@task("store")
def reals(
    shared: np.random.Generator,
    *,
    p: Annotated[int, "the number is asked for after so many steps"],
    distractors: Annotated[bool, "the steps in between show other numbers"] = False,
    tolerance: Tolerance = 0.1,
    streak: Successive = 1_000,
    set_size: SetSize = 100,
) -> Problem:
    """The continuous latch: a number in [0, 1], to be told p steps later."""
    return Problem(store(p, distractors=distractors), _loss(tolerance), True, streak, set_size)

"""The common tasks of Section 3, each with its loss, its criterion and its sizes."""

from typing import NamedTuple

from errorflow.core.loss import Loss
from errorflow.tasks import reber
from errorflow.tasks.gap import gap
from errorflow.tasks.learned_latch import learned_latch
from errorflow.tasks.parity import parity
from errorflow.tasks.store import store
from errorflow.tasks.tomita import tomita
from errorflow.tasks.two_class import two_class
from errorflow.tasks.two_sequence import two_sequence


class Problem(NamedTuple):
    """A task, what its outputs are compared with, and what counts as solved.

    With ``at_end`` only the last step of a sequence is judged. ``goal`` is the streak of right
    sequences that on-line methods need, ``size`` the number of training and of test sequences of
    all others.
    """

    task: NamedTuple
    loss: Loss
    at_end: bool
    goal: int
    size: int


def _loss(tolerance):
    return Loss(0.0, 1.0, 1.0, 0.0, float(tolerance))


def two_sequences(p, *, regular=True, last_only=False, tolerance=0.25, goal=1_000, size=20):
    """Task 2a of Section 4, judged at the last symbol; with ``regular`` False task 2b.

    With ``last_only`` nothing but the last symbol has to be predicted.
    """
    loss = _loss(tolerance)._replace(at_end=last_only)
    return Problem(two_sequence(p, regular=regular), loss, True, goal, size)


def latch(
    p, *, shortest=None, noise=0.2**0.5, targets=(-0.8, 0.8), tolerance=0.8, goal=1_000, size=100
):  # fmt: skip
    """One element, then Gaussian noise of variance 0.2, for a tanh unit; right is the sign."""
    least = p if shortest is None else shortest
    task = two_class(least, p, noise=noise, gaussian=True, targets=targets)
    return Problem(task, _loss(tolerance), True, goal, size)


def classes(
    p, *, shortest=None, informative=3, noise=0.2, gaussian=False, targets=(0.0, 1.0),
    tolerance=0.25, goal=1_000, size=100,
):  # fmt: skip
    """The 2-sequence problem, lengths from p / 2 to p."""
    least = max(1, p // 2) if shortest is None else shortest
    options = {"noise": noise, "gaussian": gaussian, "targets": targets}
    task = two_class(least, p, informative=informative, **options)
    return Problem(task, _loss(tolerance), True, goal, size)


def odd(p, *, shortest=None, tolerance=0.25, goal=1_000, size=100):
    """The parity problem, lengths from p / 2 to p."""
    least = max(1, p // 2) if shortest is None else shortest
    return Problem(parity(least, p), _loss(tolerance), True, goal, size)


def grammar(p, *, number=1, shortest=1, tolerance=0.25, goal=1_000, size=100):
    """Tomita's grammar of that ``number``, strings of up to p symbols."""
    return Problem(tomita(number, shortest, p), _loss(tolerance), True, goal, size)


def gaps(p, *, alternating=False, tolerance=0.25, goal=1_000, size=20):
    """Mozer's gap task, judged at every step: the second trigger is not the last symbol."""
    return Problem(gap(p, alternating=alternating), _loss(tolerance), False, goal, size)


def strings(p, *, strict=True, goal=100, size=256):
    """Strings of the Reber grammar of up to p symbols, one after the other, not embedded."""
    return Problem(reber.chain(p, strict=strict), _loss(0.25), False, goal, size)


def reals(p, *, distractors=False, tolerance=0.1, goal=1_000, size=100):
    """The continuous latch: a number in [0, 1], to be within ``tolerance`` of it p steps later."""
    return Problem(store(p, distractors=distractors), _loss(tolerance), True, goal, size)


def learned(p, *, noise=0.155, tolerance=0.8, goal=1_000, size=60):
    """The latch whose inputs are learned: 60 strings, about 30 a class; right is the sign."""
    return Problem(learned_latch(p, noise=noise), _loss(tolerance), True, goal, size)


PROBLEMS = {
    "2a": two_sequences,
    "latch": latch,
    "learned-latch": learned,
    "2-sequence": classes,
    "parity": odd,
    "tomita": grammar,
    "gap": gaps,
    "reber": strings,
    "store": reals,
}

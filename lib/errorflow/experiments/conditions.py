"""A condition: all that decides the result of a trial of Section 4, but for the seed."""

from dataclasses import dataclass, field, replace
from math import isfinite

from errorflow import demonstrations, methods
from errorflow.experiments import paper
from errorflow.experiments.protocols import LITERAL, Protocol, protocol

CHUNKERS = ("chunker", "hierarchical-chunker")
METHODS = ("rtrl", "bptt", "elman", "rcc", "lstm", *CHUNKERS)
TASKS = ("reber", "2a", "2b", "2c")
TRIALS_PER_PAIR = 10
"""Experiment 1: so many successive trials share a pair of training and test set."""


@dataclass(frozen=True)
class Condition:
    """All that decides the result of a trial, but for the seed.

    ``hidden`` counts hidden units, for ``lstm`` the blocks, of ``size`` cells each; with ``rcc`` a
    trial fails that reaches them, and ``alpha`` is the epsilon of its outputs. The tasks "2a"
    and "2b" have a lag ``p``; "2c" has ``p`` distractors and a lag of more than ``q``.
    ``budget`` is the largest number of sequences.

    >>> Condition("rtrl", "2a", p=4, alpha=1.0, budget=5_000_000).protocol.name
    'literal'
    """

    method: str
    task: str
    alpha: float
    budget: int
    p: int | None = None
    hidden: int = 1
    size: int = 1
    q: int | None = None
    protocol: Protocol = field(default=LITERAL)

    def __post_init__(self):
        """Refuse what cannot be run, naming the value and what would be right."""
        for name, values in (("method", METHODS), ("task", TASKS)):
            if getattr(self, name) not in values:
                raise ValueError(
                    f"{name} = {getattr(self, name)!r}; it must be one of {', '.join(values)}"
                )
        if not (isfinite(self.alpha) and self.alpha > 0):
            raise ValueError(f"alpha = {self.alpha}; the learning rate must be a number above 0")
        for name in ("budget", "hidden", "size"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise ValueError(f"{name} = {value!r}; it must be an integer of at least 1")
        if (self.task == "reber") != (self.p is None):
            raise ValueError(f"p = {self.p}; tasks 2a to 2c need a number p, task reber has none")
        if (self.task == "2c") != (self.q is not None) or (
            self.task == "2c" and self.method != "lstm"
        ):
            raise ValueError(f"q = {self.q}; task 2c, and no other, needs q and method lstm")
        if self.method == "rcc" and self.task != "reber":
            raise ValueError(f"task = {self.task!r}; method rcc needs a set of strings: task reber")
        if self.method in CHUNKERS:
            self._check_chunker()
        if self.method == "bptt" and self.protocol.update == "step":
            # BPTT knows its gradient only when the sequence has ended.
            object.__setattr__(self, "protocol", replace(self.protocol, update="sequence"))
        fully_recurrent = self.task == "reber" and self.method in ("rtrl", "bptt")
        if fully_recurrent and self.protocol.output_slope != (1, 0):
            raise ValueError(
                "output_slope must be (1, 0) for a fully recurrent net: its outputs are its units"
            )

    def _check_chunker(self):
        if self.task not in ("2a", "2b"):
            raise ValueError(f"task = {self.task!r}; method {self.method} is for tasks 2a and 2b")
        if self.hidden != 1:
            raise ValueError(f"hidden = {self.hidden}; nets of method {self.method} have exactly 1")
        if self.protocol.judged != "learning":
            judged = repr(self.protocol.judged)
            raise ValueError(f"judged = {judged}; method {self.method} is judged while 'learning'")


def condition(row, protocol_name="literal", budget=None):
    """Return the condition of a row of :data:`errorflow.demonstrations.ALL`, by name.

    That is a :class:`Condition` for Section 4, an :class:`errorflow.methods.Experiment`, which
    knows no protocol but literal, for Section 3.

    >>> condition("table2/rtrl-p4-lr1").p
    4
    """
    if row not in demonstrations.ALL:
        known = ", ".join(demonstrations.ALL)
        raise ValueError(f"row {row!r} is unknown; it must be one of {known}")
    if row in demonstrations.ROWS:
        d = demonstrations.ROWS[row]
        if protocol(protocol_name) != LITERAL:
            raise ValueError(f"protocol {protocol_name!r}; rows of Section 3 have only 'literal'")
        most = d.budget if budget is None else budget
        return methods.Experiment(d.method, d.task, d.p, most, d.about, d.constants)
    r = paper.ROWS[row]
    return Condition(
        r.method,
        r.task,
        r.alpha,
        r.budget if budget is None else budget,
        r.p,
        r.hidden,
        r.size,
        r.q,
        protocol(protocol_name),
    )

"""Does a net that bridges one lag bridge others? The middle of the sequence is cut or repeated."""

from collections.abc import Iterable
from typing import Annotated

import numpy as np

from errorflow.core.entries import guarded
from errorflow.core.options import Count, at_least
from errorflow.experiments.experiment import Experiment
from errorflow.experiments.run import prepare, run
from errorflow.nets import step
from errorflow.rules import learn
from errorflow.rules.no_learning import no_learning
from errorflow.tasks.two_sequence import Lag


@guarded
def stretched(p: Lag, first: Count, change: Annotated[int, at_least(-(10**9))]) -> np.ndarray:
    """Return task 2a's sequence of lag ``p`` with ``change`` more symbols in its middle, or fewer.

    The last symbol follows on the same one as before. Raises ``ValueError`` if too few are left.

    >>> stretched(4, 4, 2).tolist(), stretched(4, 4, -1).tolist()
    ([4, 0, 1, 1, 1, 2, 4], [4, 0, 2, 4])
    """
    if p + change < 2:
        raise ValueError(f"change = {change}; at least 2 - p = {2 - p} for lag {p}")
    between, middle = list(range(p - 1)), (p - 1) // 2
    if change < 0:
        start = min(middle, p - 2 + change)
        between = between[:start] + between[start - change :]
    else:
        between = between[:middle] + change * [between[middle]] + between[middle:]
    return np.array([first, *between, first])


@guarded
def transfer(
    e: Experiment, seed: Count, changes: Iterable[int] = (-2, -1, 1, 2)
) -> dict[int, int] | None:
    """Train on task 2a; return for each change of the lag how many of both sequences are right.

    Right is a last symbol whose outputs are all within the task's tolerance. None if the trial of
    experiment ``e``, on task 2a, with that ``seed`` fails.
    """
    if e.task != "2a":
        raise ValueError(f"e is an experiment on task {e.task!r}; it must be one on task '2a'")
    changes = list(changes)
    for change in changes:
        stretched(e["p"], 0, change)
    trained = run(e, seed)
    if not trained.success:
        return None
    (_, rule, _, loss, *_), _ = prepare(e, seed)
    # A net of several nets has no step of its own: its rule reads it, learning nothing.
    reads = hasattr(type(trained.net), step.__name__)
    judge = no_learning(trained.net) if reads else rule._replace(alpha=0.0)
    right = {}
    for change in changes:
        sequences = [stretched(e["p"], first, change) for first in (e["p"] - 1, e["p"])]
        results = [learn(judge, trained.net, s, len(s) - 1, loss) for s in sequences]
        right[change] = sum(wrong_at_end == 0 for _, wrong_at_end, _ in results)
    return right

"""An experiment: all that decides the result of a trial, but for the seed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from errorflow.core.entries import guarded
from errorflow.core.options import Option, checked, options_of
from errorflow.methods import all_methods
from errorflow.tasks.problems import TASKS


@dataclass(frozen=True, init=False)
class Experiment:
    """A method on a task, the ``options`` of both, and a ``budget``: so many sequences at most.

    ``options`` are kept as pairs (name, value), without those that have their default; ``e[name]``
    is the value of any. What a rule that learns from a set counts may be other than sequences:
    guesses, say. Raises ``ValueError`` for what cannot be run.

    >>> e = Experiment("rtrl", "2a", budget=5_000_000, p=4)
    >>> e["p"], e["alpha"], e.changed(alpha=4.0)["alpha"]
    (4, 1.0, 4.0)
    """

    method: str
    task: str
    budget: int
    options: tuple[tuple[str, Any], ...]

    def __init__(self, method: str, task: str, budget: int, **options: Any):
        for what, name, known in (("method", method, all_methods()), ("task", task, TASKS)):
            if not isinstance(name, str) or name not in known:
                raise ValueError(f"{what} = {name!r}; it must be one of {', '.join(known)}")
        budget = Option("budget", int, None, "", None).check(budget)
        kept = checked(f"method {method!r} on task {task!r}", _options(method, task), options)
        values = (method, task, budget, tuple(sorted(kept.items())))
        for field, kept_value in zip(self.__dataclass_fields__, values, strict=True):
            object.__setattr__(self, field, kept_value)

    def __getitem__(self, name: str) -> Any:
        """Return the value of an option; a ``KeyError`` if neither method nor task has it."""
        given = dict(self.options)
        return given[name] if name in given else self.all_options()[name].default

    def all_options(self) -> dict[str, Option]:
        """Return every option of task and method by name."""
        return dict(_options(self.method, self.task))

    def changed(self, *, budget: int | None = None, **options: Any) -> "Experiment":
        """Return the experiment with another budget, or other values of some options."""
        most = self.budget if budget is None else budget
        return Experiment(self.method, self.task, most, **{**dict(self.options), **options})

    def task_options(self) -> dict[str, Any]:
        """Return the options given that are the task's."""
        known = options_of(TASKS[self.task])
        return {name: value for name, value in self.options if name in known}

    def method_options(self) -> dict[str, Any]:
        """Return the options given that are the method's."""
        known = options_of(TASKS[self.task])
        return {name: value for name, value in self.options if name not in known}


@guarded
def parsed(e: Experiment, texts: Mapping[str, str]) -> dict[str, Any]:
    """Return the values that ``texts`` give to options of ``e``, as on the command line."""
    known = e.all_options()
    for name in texts:
        if name not in known:
            raise ValueError(
                f"method {e.method!r} on task {e.task!r} has no option {name!r}; "
                f"it has {', '.join(known)}"
            )
    return {name: known[name].parse(text) for name, text in texts.items()}


def _options(method, task):
    of_task, of_method = options_of(TASKS[task]), options_of(all_methods()[method].build)
    twice = of_task.keys() & of_method.keys()
    if twice:
        raise ValueError(f"method {method!r} and task {task!r} both have {', '.join(twice)}")
    return {**of_task, **of_method}

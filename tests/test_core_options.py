"""Options: read off a function's signature, kept, refused, read from text."""

from typing import Annotated, Literal

import numpy as np
import pytest

from errorflow.core.options import ABOVE_0, REQUIRED, SHARE, at_least, checked, options_of


def rule(
    net,
    *,
    lag: Annotated[int, "how far back"],
    alpha: Annotated[float, ABOVE_0, "learning rate"] = 1.0,
    momentum: Annotated[float, SHARE, "of the last change"] = 0.0,
    hidden: Annotated[int | None, "units; None: one"] = None,
    room: Annotated[int, at_least(0), "for more units"] = 3,
    update: Annotated[Literal["step", "sequence"], "when"] = "step",
    cell: Annotated[Literal["start"] | int, "from when on"] = "start",
    targets: Annotated[tuple[float, float], "for two classes"] = (0.0, 1.0),
    sigmoid: Annotated[tuple[float, float], ABOVE_0, "(a, b)"] = (1.0, 1.0),
    times: Annotated[tuple[float, ...], "any number of them"] = (),
    reset: Annotated[bool, "each time"] = True,
    plain=2,
): ...


OPTIONS = options_of(rule)


def test_options_are_the_keyword_only_arguments():
    assert list(OPTIONS)[:3] == ["lag", "alpha", "momentum"]
    assert "net" not in OPTIONS
    assert OPTIONS["alpha"].note == "learning rate"
    assert OPTIONS["alpha"].default == 1.0
    assert OPTIONS["lag"].default is REQUIRED
    assert (OPTIONS["plain"].kind, OPTIONS["plain"].note) == (int, "")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("alpha", "0.5", 0.5),
        ("alpha", "2", 2.0),
        ("lag", "7", 7),
        ("hidden", "none", None),
        ("hidden", "4", 4),
        ("update", "sequence", "sequence"),
        ("cell", "start", "start"),
        ("cell", "1000", 1000),
        ("targets", "0.1,0.9", (0.1, 0.9)),
        ("targets", "(-1, 1)", (-1.0, 1.0)),
        ("times", "1,2,3", (1.0, 2.0, 3.0)),
        ("reset", "False", False),
        ("reset", "true", True),
    ],
)
def test_texts_are_values(name, text, value):
    parsed = OPTIONS[name].parse(text)
    assert parsed == value
    assert type(parsed) is type(value)
    assert OPTIONS[name].check(parsed) == value


REFUSED = [
    ("alpha", 0.0, "alpha = 0.0; it must be a finite number above 0"),
    ("alpha", float("nan"), "alpha = nan; it must be a finite number above 0"),
    ("alpha", float("inf"), "alpha = inf; it must be a finite number above 0"),
    ("alpha", True, "alpha = True; it must be a finite number above 0"),
    ("alpha", "fast", "alpha = 'fast'; it must be a finite number above 0"),
    ("momentum", 1.5, "momentum = 1.5; it must be a finite number from 0 to 1"),
    ("lag", 0, "lag = 0; it must be an integer of at least 1"),
    ("lag", 2.0, "lag = 2.0; it must be an integer of at least 1"),
    ("lag", True, "lag = True; it must be an integer of at least 1"),
    ("room", -1, "room = -1; it must be an integer of at least 0"),
    ("hidden", 0, "hidden = 0; it must be an integer of at least 1 or None"),
    ("update", "now", "update = 'now'; it must be 'step', 'sequence'"),
    ("cell", "later", "cell = 'later'; it must be 'start' or an integer of at least 1"),
    ("cell", 0, "cell = 0; it must be 'start' or an integer of at least 1"),
    ("targets", (1.0,), "targets = (1.0,); it must be 2 numbers"),
    ("targets", 0.5, "targets = 0.5; it must be 2 numbers"),
    ("sigmoid", (1.0, 0.0), "sigmoid = (1.0, 0.0); it must be 2 numbers, each above 0"),
    ("times", "soon", "times = 'soon'; it must be numbers"),
    ("reset", 1, "reset = 1; it must be True or False"),
    ("reset", None, "reset = None; it must be True or False"),
]


def refusal(act):
    with pytest.raises(ValueError) as caught:
        act()
    return str(caught.value)


@pytest.mark.parametrize(("name", "value", "message"), REFUSED)
def test_refused_values_are_named_with_what_would_be_right(name, value, message):
    assert refusal(lambda: OPTIONS[name].check(value)) == message


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("alpha", "-1", "alpha = '-1'; it must be a finite number above 0"),
        ("lag", "2.5", "lag = '2.5'; it must be an integer of at least 1"),
        ("targets", "1,2,3", "targets = '1,2,3'; it must be 2 numbers"),
        ("reset", "yes", "reset = 'yes'; it must be True or False"),
        ("update", "", "update = ''; it must be 'step', 'sequence'"),
    ],
)
def test_refused_texts_are_named_with_what_would_be_right(name, text, message):
    assert refusal(lambda: OPTIONS[name].parse(text)) == message


def test_kept_are_values_other_than_the_defaults():
    given = {"lag": np.int64(4), "alpha": 1, "targets": [0, 1], "reset": np.False_}
    assert checked("rule", OPTIONS, given) == {"lag": 4, "reset": False}
    kept = checked("rule", OPTIONS, {"lag": 4, "targets": np.array([0.1, 0.9]).tolist()})
    assert kept == {"lag": 4, "targets": (0.1, 0.9)}
    assert type(checked("rule", OPTIONS, {"lag": np.int64(4)})["lag"]) is int


def test_unknown_and_missing_options_are_named():
    known = {name: OPTIONS[name] for name in ("lag", "alpha")}
    unknown = refusal(lambda: checked("rule r", known, {"lag": 1, "beta": 2}))
    assert unknown == "rule r has no option 'beta'; it has lag, alpha"
    assert (
        refusal(lambda: checked("rule r", {}, {"a": 1})) == "rule r has no option 'a'; it has none"
    )
    missing = refusal(lambda: checked("rule r", known, {"alpha": 2.0}))
    assert missing == "rule r needs the option lag: how far back"

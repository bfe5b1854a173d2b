"""The code on the pages: the real one, whole, the same in every run."""

import ast
import importlib
import inspect
import pkgutil
import textwrap

import pytest
from conftest import SOURCES

from errorflow import nets, rules
from errorflow.core.numerics import _fill_uniform
from errorflow.display.source import FOLDED, show
from errorflow.nets.recurrent import Recurrent
from errorflow.rules import learn
from errorflow.rules.bptt import BPTT


def test_source_is_what_runs():
    real = ast.parse(textwrap.dedent(inspect.getsource(BPTT.learn)))
    assert ast.dump(ast.parse(repr(show(BPTT.learn)))) == ast.dump(real)


def test_docstrings_go_and_comments_stay():
    def documented():
        """Return 1."""
        # after a comment
        return 1

    assert repr(show(documented)) == "def documented():\n    # after a comment\n    return 1"


def test_a_body_that_is_only_a_docstring_stays():
    assert '"""' in repr(show(learn))


def test_compiled_functions_have_source():
    assert "rng.random()" in repr(show(_fill_uniform))


def test_long_code_is_folded_and_short_is_not():
    long = show(BPTT.learn)._repr_markdown_()
    short = show(Recurrent.state_size)._repr_markdown_()
    assert "<details" in long
    assert "<details" not in short
    assert long.count("\n") > FOLDED
    for text in (long, short):
        assert text.count("```") == 2


def test_output_names_no_machine():
    text = show(BPTT, Recurrent, _fill_uniform)._repr_markdown_()
    assert " at 0x" not in text
    assert "/lib/" not in text
    assert text == show(BPTT, Recurrent, _fill_uniform)._repr_markdown_()


def test_what_has_no_source_is_refused():
    with pytest.raises(TypeError):
        show(3)


def shown():
    """The names of the classes that pages show the code of."""
    names = set()
    for page in SOURCES:
        if page.suffix == ".py":
            for node in ast.walk(ast.parse(page.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "show":
                    names |= {ast.unparse(thing).split(".")[0] for thing in node.args}
    return names


@pytest.mark.parametrize(("room", "runs"), [(rules, ("learn", "epochs")), (nets, ("step",))])
def test_pages_show_every_rule_and_every_net(room, runs):
    missing = []
    for info in pkgutil.iter_modules(room.__path__):
        module = importlib.import_module(f"{room.__name__}.{info.name}")
        for name, thing in vars(module).items():
            own = isinstance(thing, type) and thing.__module__ == module.__name__
            if (
                own
                and any(callable(getattr(thing, run, None)) for run in runs)
                and name not in shown()
            ):
                missing.append(f"{info.name}.{name}")
    assert not missing

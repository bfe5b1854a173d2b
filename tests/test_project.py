"""The project's own files: pins, environments, targets, directions of imports, what others need."""

import itertools
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from conftest import ROOT
from packaging.requirements import Requirement

import errorflow

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
BOOK_PINS, LAB_PINS = (
    dict(
        line.split("==")
        for line in (ROOT / name).read_text().splitlines()
        if line and not line.startswith("#")
    )
    for name in ("requirements.txt", "requirements-lab.txt")
)
PINS = BOOK_PINS | LAB_PINS


def test_pins_are_exact_and_cover_the_package():
    assert all(re.fullmatch(r"[\w.]+", version) for version in PINS.values())
    project = PYPROJECT["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    for requirement in map(Requirement, itertools.chain(*groups)):
        if requirement.name != project["name"]:
            assert requirement.specifier.contains(PINS[requirement.name]), requirement


def test_lab_adds_to_the_book_s_environment_and_changes_nothing_in_it():
    assert LAB_PINS.keys().isdisjoint(BOOK_PINS)
    recipes = (ROOT / "Makefile").read_text().split("\n\n")
    (installed,) = (r for r in recipes if r.startswith(".venv/installed:"))
    assert "lab" not in installed


def test_conda_environment_has_the_same_pins():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    python, pip, extra = environment["dependencies"]
    assert PYPROJECT["project"]["requires-python"] == f"=={python.split('=')[1]}.*"
    assert pip == "pip"
    assert extra == {"pip": ["-r requirements.txt", "-e ."]}
    assert environment["name"] == PYPROJECT["project"]["name"]


def test_make_help_describes_every_target():
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.search(r"\.PHONY: (.*)", makefile)[1].split())
    assert targets == set(re.findall(r"make (\w+)", shown.stdout))


@pytest.mark.parametrize(
    ("python", "message"), [("no-such-python", "no-such-python not found"), ("false", "not Python")]
)
def test_another_python_is_refused_before_anything_is_made(tmp_path, python, message):
    for name in ("Makefile", "requirements.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    command = ["make", "book", f"PYTHON={python}"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert message in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_tracked_files_name_no_machine():
    files = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in files.stdout.split():
        file = ROOT / name
        if file.suffix in {".py", ".md", ".ipynb", ".yml", ".toml", ".txt"} and file.exists():
            assert not re.search(r"/(work|root|home/\w+)/", file.read_text()), name


def test_imports_point_one_way():
    command = [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_every_room_is_checked():
    layers, numba = PYPROJECT["tool"]["importlinter"]["contracts"]
    rooms = {room for layer in layers["layers"] for room in layer.split(" | ")}
    assert layers["exhaustive"]
    assert {room.removeprefix("errorflow.") for room in numba["source_modules"]} | {"core"} == rooms


def test_citation_names_this_version_and_the_paper():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["cff-version"] == "1.2.0"
    assert citation["version"] == errorflow.__version__
    assert citation["license"] == PYPROJECT["project"]["license"] == "MIT"
    (paper,) = citation["references"]
    assert paper["doi"] == "10.1142/S0218488598000094"


def test_changelog_has_this_version():
    titles = re.findall(r"^## \[(.*?)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert titles[:2] == ["Unreleased", errorflow.__version__]


def test_hooks_need_no_network_and_run_what_make_lint_runs():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    (repository,) = hooks["repos"]
    assert repository["repo"] == "local"
    entries = [hook["entry"] for hook in repository["hooks"]]
    recipe = re.search(r"^lint:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for line in recipe[1].splitlines():
        tool = line.strip().replace("$(BIN)", ".venv/bin").removesuffix(" .")
        assert any(entry.startswith(tool) for entry in entries), tool

"""The project's own files: pins, environments, targets, the direction of imports."""

import ast
import re
import subprocess
import tomllib

import yaml
from conftest import ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PINS = dict(
    line.split("==")
    for line in (ROOT / "requirements.txt").read_text().splitlines()
    if line and not line.startswith("#")
)


def test_pins_are_exact_and_cover_the_package():
    assert all(re.fullmatch(r"[\w.]+", version) for version in PINS.values())
    assert set(PYPROJECT["project"]["dependencies"]) <= set(PINS)


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


def test_tracked_files_name_no_machine():
    files = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in files.stdout.split():
        file = ROOT / name
        if file.suffix in {".py", ".md", ".ipynb", ".yml", ".toml", ".txt"} and file.exists():
            assert not re.search(r"/(work|root|home/\w+)/", file.read_text()), name


ROOMS = {
    "compiled": set(),
    "checks": set(),
    "profiles": set(),
    "sequences": {"compiled"},
    "flow": {"compiled", "numerics"},
    "figures": set(),
    "paper": set(),
    "protocols": set(),
    "statistics": set(),
    "numerics": {"compiled"},
    "tasks": {"checks", "compiled", "sequences"},
    "nets": {"checks", "compiled", "numerics"},
    "rules": {"checks", "compiled", "numerics", "nets", "sequences"},
    "criteria": {"compiled", "nets", "rules", "sequences", "tasks"},
    "training": {"compiled", "criteria", "rules", "tasks"},
    "methods": {
        "checks",
        "compiled",
        "criteria",
        "numerics",
        "nets",
        "rules",
        "sequences",
        "tasks",
        "training",
    },
    "demonstrations": {"paper"},
    "conditions": {"demonstrations", "methods", "paper", "protocols"},
    "trials": {
        "conditions",
        "criteria",
        "methods",
        "numerics",
        "nets",
        "rules",
        "tasks",
        "training",
    },
    "comparison": {"demonstrations", "statistics"},
    "tables": {"demonstrations", "statistics"},
    "rho": {"flow"},
    "bounds": {"flow"},
    "lyapunov": {"compiled", "flow", "numerics"},
    "ensembles": {"compiled", "numerics"},
    "flow_torch": set(),
    "widgets": {"figures"},
    "backward": {"compiled", "nets", "sequences"},
    "cause": {
        "compiled",
        "criteria",
        "lyapunov",
        "numerics",
        "nets",
        "rules",
        "training",
        "trials",
    },
    "delays": {"compiled", "nets"},
    "witnesses": {"nets", "tasks"},
    "claims": {
        "criteria",
        "backward",
        "cause",
        "comparison",
        "delays",
        "demonstrations",
        "methods",
        "witnesses",
        "flow",
        "rho",
        "bounds",
        "lyapunov",
        "flow_torch",
        "numerics",
        "nets",
        "paper",
        "records",
        "rules",
        "sequences",
        "statistics",
        "tables",
        "tasks",
        "training",
        "trials",
    },
    "records": set(),
    "runs": {"compiled", "demonstrations", "trials"},
    "cli": {"claims", "demonstrations", "protocols", "records", "runs", "tables"},
}
"""What each room of the library may import from the others: the direction is one way."""


def test_imports_point_one_way():
    library = ROOT / "lib" / "errorflow"
    rooms = set()
    for file in library.rglob("*.py"):
        room = file.relative_to(library).with_suffix("").parts[0]
        if room == "__init__":
            continue
        rooms.add(room)
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] == "errorflow":
                parts = node.module.split(".")[1:]
                used = (
                    {parts[0]} if parts else {alias.name for alias in node.names} - {"__version__"}
                )
                assert used - {room} <= ROOMS[room], file
    assert rooms == set(ROOMS)

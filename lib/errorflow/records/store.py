"""The results on disk: one JSON line a finished trial, appended and never edited.

A trial is known by its row, protocol, options, budget and seed. A line is written with flush and
fsync under a lock, so that a run may be killed, and two runs may share a folder, without harm.
"""

import json
import math
import os
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from filelock import FileLock

FIELDS: dict[str, tuple[type | tuple[type, ...], Callable[[Any], bool], str]] = {
    **dict.fromkeys(("row", "protocol"), (str, bool, "a name")),
    **dict.fromkeys(("version", "source", "machine"), (str, lambda value: True, "a string")),
    "budget": (int, lambda value: value >= 1, "an integer of at least 1"),
    "seed": (int, lambda value: value >= 0, "an integer of at least 0"),
    "success": (bool, lambda value: True, "true or false"),
    "sequences": (int, lambda value: value >= 0, "an integer of at least 0"),
    "weights": (int, lambda value: value >= 0, "an integer of at least 0"),
    "seconds": ((int, float), lambda value: 0 <= value < math.inf, "a number of at least 0"),
    "options": (dict, lambda value: True, "an object"),
}
"""What each field of a line may be: its type, a condition, both in words."""


class Record(NamedTuple):
    """What is kept of a trial: its identity, its result, and what it was run by.

    ``options`` are pairs (name, value): what was set besides the protocol. ``seconds`` are those of
    training, ``source`` the hash of the code that decides bits; both are only information.
    """

    row: str
    protocol: str
    budget: int
    seed: int
    success: bool
    sequences: int
    weights: int
    seconds: float
    version: str
    source: str
    machine: str
    options: tuple[tuple[str, Any], ...] = ()

    @property
    def identity(self) -> tuple:
        """What a record is known by: (row, protocol, options, budget, seed)."""
        return self.row, self.protocol, self.options, self.budget, self.seed

    def line(self) -> str:
        """Return the record as a line of JSON; ``options`` stand in it only if there are any."""
        fields = self._asdict()
        options = fields.pop("options")
        return json.dumps(fields | ({"options": dict(options)} if options else {}))

    @classmethod
    def parse(cls, line: str | bytes) -> "Record":
        """Return the record that a line holds; ``ValueError`` if it holds none."""
        try:
            fields = json.loads(line, object_pairs_hook=_once, parse_constant=_no_number)
        except RecursionError:
            raise ValueError("brackets are nested too deep") from None
        if not isinstance(fields, dict) or tuple(fields) not in (cls._fields[:-1], cls._fields):
            raise ValueError("these are not the keys of a record")
        for name, value in fields.items():
            kind, holds, words = FIELDS[name]
            is_number = not isinstance(value, bool) or kind is bool
            if not (isinstance(value, kind) and is_number and holds(value)):
                raise ValueError(f"{name} = {value!r}; it must be {words}")
        if fields["sequences"] > fields["budget"]:
            raise ValueError(f"sequences = {fields['sequences']}; the budget is {fields['budget']}")
        options = fields.pop("options", {})
        pairs = tuple(sorted((name, _tuples(value)) for name, value in options.items()))
        return cls(**fields, options=pairs)

    def contradicts(self, other: "Record") -> bool:
        """Return whether another record of the same trial has another result."""
        return (self.success, self.sequences, self.weights) != (
            other.success,
            other.sequences,
            other.weights,
        )


class Records:
    """The records in a folder: row ``table2/rtrl-p4-lr1`` is the file of that name, ``.jsonl``."""

    def __init__(self, folder: str | os.PathLike[str]):
        self.folder = Path(folder)

    def read(self, rows: Iterable[str] | None = None) -> dict[tuple, Record]:
        """Return the records of the given rows, or of all, by identity.

        A last line that was torn by an interruption is dropped with a warning. Any other line that
        is no record, is of another row than its file or contradicts another line raises
        ``ValueError`` with its file and number, a folder that cannot be read ``OSError``.
        """
        if not self.folder.is_dir():
            raise FileNotFoundError(f"there is no folder of records {self.folder}")
        if not os.access(self.folder, os.R_OK | os.X_OK):
            raise PermissionError(f"cannot read in {self.folder}")
        if rows is None:
            files = sorted(self.folder.rglob("*.jsonl"))
        else:
            files = [self._file(row) for row in rows if self._file(row).exists()]
        known: dict[tuple, Record] = {}
        for file in files:
            known |= self._read(file)
        return known

    def append(self, record: Record) -> None:
        """Append a record and see it on disk before returning; one that is there is left so.

        Raises ``ValueError`` if the same trial is there with another result.
        """
        file = self._file(record.row)
        file.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(file.with_suffix(".lock")), open(file, "a+b") as stream:
            _end_line(stream)
            known = self._read(file).get(record.identity)
            if known and known.contradicts(record):
                raise ValueError(f"{file}: seed {record.seed} is there with another result")
            if not known:
                stream.write(record.line().encode() + b"\n")
                stream.flush()
                os.fsync(stream.fileno())

    def _read(self, file: Path) -> dict[tuple, Record]:
        row, known, at = str(file.relative_to(self.folder).with_suffix("")), {}, {}
        for number, record in _lines(file):
            if record.row != row:
                raise ValueError(f"{file}, line {number}: this is a record of row {record.row}")
            before = known.setdefault(record.identity, record)
            line = at.setdefault(record.identity, number)
            if before.contradicts(record):
                raise ValueError(f"{file}: lines {line} and {number} contradict each other")
        return known

    def check_writable(self) -> None:
        """Make the folder if need be; raise ``OSError`` if nothing can be written in it."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except FileExistsError:
            raise NotADirectoryError(
                f"{self.folder} is a file; name a folder: --records DIR"
            ) from None
        if not os.access(self.folder, os.W_OK):
            raise PermissionError(
                f"cannot write in {self.folder}; name another folder: --records DIR"
            )

    def _file(self, row: str) -> Path:
        return self.folder / f"{row}.jsonl"


def of_the_book(name: str) -> Path:
    """Return what ``book/`` keeps under a name; ``FileNotFoundError`` outside of a checkout."""
    path = Path(__file__).resolve().parents[3] / "book" / name
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist: what the book records needs a checkout")
    return path


def committed() -> Records:
    """Return the records that come with the book; ``FileNotFoundError`` outside of a checkout."""
    return Records(of_the_book("results"))


def _tuples(value):
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _once(pairs):
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError("a key stands twice")
    return fields


def _no_number(word):
    raise ValueError(f"{word} is no number")


def _lines(file: Path) -> Iterator[tuple[int, Record]]:
    """Yield (number, record); the last line counts without its end too, if it is whole."""
    lines = file.read_bytes().split(b"\n")
    last = lines.pop()
    for number, line in enumerate(lines, 1):
        try:
            record = Record.parse(line)
        except ValueError as error:
            raise ValueError(
                f"{file}, line {number}: this is no record ({error}): {line[:60]!r}"
            ) from None
        yield number, record
    if last:
        try:
            record = Record.parse(last)
        except ValueError:
            reason = "the last line was torn; its trial will run again"
            warnings.warn(f"{file}: {reason}", stacklevel=4)
        else:
            yield len(lines) + 1, record


def _end_line(stream: BinaryIO) -> None:
    """End the last line: with a line break if it is a whole record, else by cutting it off."""
    stream.seek(0)
    last = stream.read().rpartition(b"\n")[2]
    if last:
        try:
            Record.parse(last)
            stream.write(b"\n")
        except ValueError:
            stream.truncate(stream.seek(-len(last), os.SEEK_END))
        stream.flush()

"""The results on disk: one JSON line a finished trial, appended and never edited.

A trial is known by its row, protocol, options, budget and seed. A line is written with flush and
fsync under a lock, so that a run may be killed, and two runs may share a folder, without harm.
"""

import json
import os
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from filelock import FileLock


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
        fields = json.loads(line)
        if not isinstance(fields, dict) or tuple(fields) not in (cls._fields[:-1], cls._fields):
            raise ValueError("these are not the keys of a record")
        options = fields.pop("options", {})
        pairs = tuple(sorted((name, _tuples(value)) for name, value in options.items()))
        return cls(**fields, options=pairs)


class Records:
    """The records in a folder: row ``table2/rtrl-p4-lr1`` is the file of that name, ``.jsonl``."""

    def __init__(self, folder: str | os.PathLike[str]):
        self.folder = Path(folder)

    def read(self, rows: Iterable[str] | None = None) -> dict[tuple, Record]:
        """Return the records of the given rows, or of all, by identity.

        A last line that was torn by an interruption is dropped with a warning. Any other line that
        is no record raises ``ValueError`` with its file and number.
        """
        if rows is None:
            files = sorted(self.folder.rglob("*.jsonl"))
        else:
            files = [self._file(row) for row in rows if self._file(row).exists()]
        return {record.identity: record for file in files for record in _lines(file)}

    def append(self, record: Record) -> None:
        """Append a record and see it on disk before returning."""
        file = self._file(record.row)
        file.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(file.with_suffix(".lock")), open(file, "a+b") as stream:
            _drop_torn_line(stream)
            stream.write(record.line().encode() + b"\n")
            stream.flush()
            os.fsync(stream.fileno())

    def check_writable(self) -> None:
        """Raise ``OSError`` if nothing can be written in the folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not os.access(self.folder, os.W_OK):
            raise PermissionError(
                f"cannot write in {self.folder}; name another folder: --records DIR"
            )

    def _file(self, row: str) -> Path:
        return self.folder / f"{row}.jsonl"


def committed() -> Records:
    """Return the records that come with the book; ``FileNotFoundError`` outside of a checkout."""
    folder = Path(__file__).resolve().parents[3] / "book" / "results"
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} does not exist: the book's records need a checkout")
    return Records(folder)


def _tuples(value):
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _lines(file: Path) -> Iterator[Record]:
    text = file.read_bytes()
    lines = text.split(b"\n")
    torn = lines.pop()
    if torn:
        warnings.warn(f"{file}: the last line was torn; its trial will run again", stacklevel=3)
    for number, line in enumerate(lines, 1):
        try:
            record = Record.parse(line)
        except (ValueError, TypeError, AttributeError):
            raise ValueError(f"{file}, line {number}: this is no record: {line[:60]!r}") from None
        yield record


def _drop_torn_line(stream: BinaryIO) -> None:
    end = stream.seek(0, os.SEEK_END)
    block = 0
    while end - block > 0:
        stream.seek(end - block - 1)
        if stream.read(1) == b"\n":
            break
        block += 1
    if block:
        stream.truncate(end - block)
        stream.seek(0, os.SEEK_END)

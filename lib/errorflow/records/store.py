"""The results on disk: one JSON line a finished trial, appended and never edited.

A trial is known by its row, protocol, budget and seed. A line is written with flush and fsync under
a lock, so that a run may be killed, and two runs may share a folder, without harm.
"""

import json
import os
import warnings
from pathlib import Path

from filelock import FileLock

KEYS = (
    "row", "protocol", "budget", "seed", "success", "sequences",
    "weights", "seconds", "version", "source", "machine",
)  # fmt: skip
IDENTITY = KEYS[:4]


def identity(record):
    """Return what a record is known by: (row, protocol, budget, seed)."""
    return tuple(record[key] for key in IDENTITY)


class Records:
    """The records in a folder: row ``table2/rtrl-p4-lr1`` is the file of that name, ``.jsonl``."""

    def __init__(self, folder):
        self.folder = Path(folder)

    def read(self, rows=None):
        """Return the records of the given rows, or of all, by identity.

        A last line that was torn by an interruption is dropped with a warning. Any other line that
        is no record raises ``ValueError`` with its file and number.
        """
        if rows is None:
            files = sorted(self.folder.rglob("*.jsonl"))
        else:
            files = [self._file(row) for row in rows if self._file(row).exists()]
        return {identity(record): record for file in files for record in _lines(file)}

    def append(self, record):
        """Append a record and see it on disk before returning."""
        file = self._file(record["row"])
        file.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps({key: record[key] for key in KEYS})
        with FileLock(file.with_suffix(".lock")), open(file, "a+b") as stream:
            _drop_torn_line(stream)
            stream.write(line.encode() + b"\n")
            stream.flush()
            os.fsync(stream.fileno())

    def check_writable(self):
        """Raise ``OSError`` if nothing can be written in the folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not os.access(self.folder, os.W_OK):
            raise PermissionError(
                f"cannot write in {self.folder}; name another folder: --records DIR"
            )

    def _file(self, row):
        return self.folder / f"{row}.jsonl"


def _lines(file):
    text = file.read_bytes()
    lines = text.split(b"\n")
    torn = lines.pop()
    if torn:
        warnings.warn(f"{file}: the last line was torn; its trial will run again", stacklevel=3)
    for number, line in enumerate(lines, 1):
        try:
            record = json.loads(line)
            if tuple(record) != KEYS:
                raise ValueError
        except (ValueError, TypeError):
            raise ValueError(f"{file}, line {number}: this is no record: {line[:60]!r}") from None
        yield record


def _drop_torn_line(stream):
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

"""Machine code on disk, never stale: its key covers every source file that it may be made of.

Numba's own cache looks only at the file of the compiled function. Here the key of a kernel for one
signature covers the file of its module, those of the classes in the signature, whose methods it
runs, and all that these files import. A reader's own net, in a file outside of this library, is
covered as the library's are. An edit leaves the machine code that it cannot reach as it is.
"""

import ast
import functools
import hashlib
import importlib.util
import inspect
import os
import shutil
import sys
import sysconfig
import time
from pathlib import Path

import numba
from numba import types
from numba.core import config, sigutils
from numba.core.caching import IndexDataCacheFile, NullCache
from numba.core.compiler import CompileResult

STARTED = time.time()
"""A file changed since then may not be what this process has loaded."""

DAYS = 30
"""Machine code that no process has used for so long is removed."""

LIBRARY = Path(__file__).resolve().parent.parent
STANDARD_LIBRARY = Path(sysconfig.get_path("stdlib"))
PLAIN = (
    types.Number,
    types.Boolean,
    types.NoneType,
    types.Array,
    types.NumPyRandomGeneratorType,
    types.UnicodeType,
    types.Omitted,
)
"""The numba types of arguments that bring no code with them."""


class _CannotKeepError(Exception):
    """It is not certain which sources the machine code is made of: it stays in this process."""


def folder():
    """Return the folder of the machine code; raises ``RuntimeError`` if no home is known."""
    base = os.environ.get("NUMBA_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "errorflow"


class KernelCache(NullCache):
    """The machine code of one kernel: a file for each signature, machine and state of the sources.

    The name of a file says all that decides what is in it, and a file is moved into place when it
    is whole: processes that write the same one at the same time write the same.
    """

    def __init__(self, function):
        self._function = function

    @property
    def cache_path(self):
        """The folder, as numba's statistics show it."""
        return str(folder())

    def load_overload(self, sig, target_context):
        """Return what was compiled for a signature, or None if there is nothing that is whole."""
        target_context.refresh()
        try:
            name = self._file_name(sig, target_context.codegen())
            payload = _store()._load_data(name)
            os.utime(folder() / name)
            return CompileResult._rebuild(target_context, *payload)
        except Exception:  # missing, cut off or unreadable in one of many ways: it is made anew
            return None

    def save_overload(self, sig, cres):
        """Keep what was compiled, if its sources are certain and the folder can be written."""
        if cres.lifted or cres.library.has_dynamic_globals:
            return
        try:
            name = self._file_name(sig, cres.codegen)
            folder().mkdir(parents=True, exist_ok=True)
            _store()._save_data(name, cres._reduce())
            _remove_unused()
        except _CannotKeepError:
            pass
        except (OSError, RuntimeError) as error:
            _say(str(error))

    def _file_name(self, sig, codegen):
        arguments, result = sigutils.normalize_signature(sig)
        classes = [cls for argument in arguments for cls in _classes(argument)]
        function = getattr(self._function, "stands_for", self._function)
        if function.__closure__:
            raise _CannotKeepError
        covered = sources([function.__module__, *(cls.__module__ for cls in classes)])
        for cls in classes:
            _check(cls, covered)
        about = (
            (numba.__version__, sys.implementation.cache_tag, codegen.magic_tuple()),
            (config.OPT, config.BOUNDSCHECK, config.LOOP_VECTORIZE, config.SLP_VECTORIZE),
            (function.__qualname__, function.__code__.co_firstlineno),
            (arguments, result),
            [(cls.__module__, cls.__qualname__) for cls in classes],
            sorted(covered.items()),
        )
        digest = hashlib.sha256(repr(about).encode()).hexdigest()
        return f"{function.__module__}.{function.__qualname__}-{digest[:32]}.nbc"


def _store():
    return IndexDataCacheFile(str(folder()), "", None)


def _classes(argument):
    """Yield the classes of the named tuples in the numba type of an argument."""
    if isinstance(argument, types.BaseTuple):
        if isinstance(argument, types.BaseNamedTuple):
            yield argument.instance_class
        for part in argument:
            yield from _classes(part)
    elif not isinstance(argument, PLAIN):
        raise _CannotKeepError


def _check(cls, covered):
    """Refuse a class that is not what its module's file says, or has methods from elsewhere."""
    found = sys.modules.get(cls.__module__)
    for name in cls.__qualname__.split("."):
        found = getattr(found, name, None)
    methods = [f for name, f in inspect.getmembers(cls, inspect.isfunction) if name[0] != "_"]
    if found is not cls or any(f.__module__ not in covered for f in methods):
        raise _CannotKeepError


def sources(modules):
    """Return the hashes, by name, of all modules that code of these ``modules`` may come from.

    They are themselves and what they import, directly or not; a name that stands for a package
    stands for all of it. What installed packages import is left to them.
    """
    own = {name.partition(".")[0] for name in modules}
    covered, waiting = {}, list(modules)
    while waiting:
        name = waiting.pop()
        file = _file(name)
        if name in covered or not file:
            continue
        stat = file.stat()
        if max(stat.st_mtime, stat.st_ctime) >= STARTED:
            raise _CannotKeepError
        covered[name] = hashlib.sha256(file.read_bytes()).hexdigest()
        if name.partition(".")[0] in own or not _installed(file):
            waiting += _imported(name, file, stat.st_mtime_ns)
    if not covered.keys() >= set(modules):
        raise _CannotKeepError
    return covered


def _file(name):
    """Return the source file of a module, or None if it has none or is not loaded."""
    if name == "__main__":  # in a notebook its cells, in a script what no other process can import
        return None
    if name.partition(".")[0] == LIBRARY.name:
        stem = LIBRARY.parent.joinpath(*name.split("."))
        files = [stem.with_suffix(".py"), stem / "__init__.py"]
    else:
        files = [Path(getattr(sys.modules.get(name), "__file__", None) or "")]
    return next((file for file in files if file.suffix == ".py" and file.is_file()), None)


def _installed(file):
    """Return whether a file belongs to Python or a package, and not to this library."""
    packages = {"site-packages", "dist-packages"}
    installed = STANDARD_LIBRARY in file.parents or not packages.isdisjoint(file.parts)
    return installed and LIBRARY not in file.parents


@functools.cache
def _imported(name, file, _):
    """Return the names of the modules that a file may import, and of some that are none."""
    package = name if file.name == "__init__.py" else name.rpartition(".")[0]
    imported, packages = set(), set()
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
            packages |= {a.name if a.asname else a.name.partition(".")[0] for a in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            base = importlib.util.resolve_name(base, package)
            imported.add(base)
            packages |= {f"{base}.{alias.name}" for alias in node.names}
    for each in packages:
        init = _file(each)
        imported.add(each)
        if init and init.name == "__init__.py" and not _installed(init):
            inner = (f.relative_to(init.parent).with_suffix("") for f in init.parent.rglob("*.py"))
            imported |= {".".join((each, *path.parts)) for path in inner}
    return imported


@functools.cache
def _remove_unused():
    """Remove, once in a process, what has not been used for :data:`DAYS`."""
    for path in folder().iterdir():
        try:
            if path.stat().st_mtime < STARTED - DAYS * 86_400:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        except FileNotFoundError:  # another process was faster
            pass


@functools.cache
def _say(reason):
    """Say, once in a process, that machine code is made anew each time."""
    print(
        f"errorflow: machine code cannot be kept, each process makes it anew ({reason}); "
        "set NUMBA_CACHE_DIR to a folder that can be written",
        file=sys.stderr,
    )

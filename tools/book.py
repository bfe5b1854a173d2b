"""Execute the pages, render the book and swap it in; refresh the committed notebooks; open them.

What is out of date is decided by content alone: a page's key is the hash of its source, the
library, the data, the pinned versions and the parameters, and the book's stamp is the hash of all
keys and of what Sphinx reads.
"""

import argparse
import concurrent.futures
import errno
import functools
import hashlib
import http.server
import importlib.util
import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import jupytext
import nbformat
import yaml

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "_build"
PROFILES = ("quick", "full")
FIGURE = ROOT / "book" / "_static" / "error-flow.png"
LEDGER, README = ROOT / "book" / "claims.yml", ROOT / "README.md"
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)

LEAKING = ("JUPYTER", "IPYTHON", "MPL", "MATPLOTLIB", "PYTHONSTARTUP")
"""What the names of a user's settings begin with that would change a page."""

METADATA = {
    "jupytext": {"formats": "ipynb,py:percent"},
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


class BookError(Exception):
    """What went wrong, to be shown without a traceback."""


def own_settings():
    """Let kernels find the settings of this environment, whatever the user's are, on one thread."""
    for name in [name for name in os.environ if name.startswith(LEAKING)]:
        if name != "MPLCONFIGDIR":  # where matplotlib may write
            del os.environ[name]
    own = Path(sys.prefix, "share", "jupyter")
    matplotlib = Path(importlib.util.find_spec("matplotlib").origin).parent
    settings = BUILD / "settings"
    (settings / "ipython").mkdir(parents=True, exist_ok=True)
    os.environ.update(
        ONE_THREAD,
        IPYTHONDIR=str(settings / "ipython"),
        JUPYTER_CONFIG_DIR=str(settings / "jupyter"),
        JUPYTER_DATA_DIR=str(own),
        JUPYTER_NO_CONFIG="1",
        MATPLOTLIBRC=str(matplotlib / "mpl-data" / "matplotlibrc"),
    )


def check_library():
    """Refuse an installed library that is not this tree's: a copied environment has another's."""
    origin = importlib.util.find_spec("errorflow").origin
    if ROOT / "lib" not in Path(origin).resolve().parents:
        raise BookError(f"errorflow is {origin}, not this tree's; run `make` here, which mends it")


def digest(paths, *more):
    """Return the hash of the contents of files and folders, and of more strings."""
    sha = hashlib.sha256()
    for path in paths:
        files = [path] if path.is_file() else sorted(path.rglob("*"))
        for file in files:
            if file.is_file() and "__pycache__" not in file.parts:
                sha.update(f"{file.relative_to(ROOT)}\0".encode())
                sha.update(file.read_bytes())
    sha.update("\0".join(more).encode())
    return sha.hexdigest()


def toc():
    """Return the book's page names, in order, as `_toc.yml` has them."""
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    chapters = [c["file"] for part in contents["parts"] for c in part["chapters"]]
    return [contents["root"], *chapters]


def sources():
    """Return the source file of every page: py:percent for notebooks, else Markdown."""
    files = []
    for name in toc():
        found = [
            ROOT / f"{name}{end}" for end in (".py", ".md") if (ROOT / f"{name}{end}").exists()
        ]
        if len(found) != 1:
            raise BookError(f"_toc.yml names {name}; there must be one of {name}.py and {name}.md")
        files += found
    return files


def parameters(profile):
    """Return the parameters of a profile, or refuse it."""
    if profile not in PROFILES:
        raise BookError(f"PROFILE={profile} is unknown; it must be one of {', '.join(PROFILES)}")
    return {"profile": profile}


def page_key(source, profile):
    """Return the hash of all that a page's outputs depend on: of the records, if it reads them."""
    data = [source, ROOT / "lib", ROOT / "requirements.txt", LEDGER, Path(__file__)]
    if "errorflow.records.store" in source.read_text(encoding="utf-8"):
        data.append(ROOT / "book" / "results")
    return digest([p for p in data if p.exists()], profile)


def stamp(profile):
    """Return the hash of all that the book depends on."""
    static = [ROOT / p for p in ("_config.yml", "_toc.yml", "book/_static", "book/_ext")]
    bib = ROOT / "book" / "references.bib"
    return digest([*static, bib], *(page_key(source, profile) for source in sources()))


def execute(source, target, values):
    """Execute the page `source` with papermill and write it, clean, to `target`.

    Returns the seconds it took. Raises `BookError` with the failing cell and its error.
    """
    import papermill
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient.exceptions import DeadKernelError

    started = time.perf_counter()
    notebook = jupytext.read(source)
    notebook.metadata = METADATA
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, target)
    known = papermill.inspect_notebook(str(target))
    unknown = sorted(set(values) - set(known))
    if known and unknown:
        raise BookError(f"{source.name} has no parameter {unknown[0]}; it has {', '.join(known)}")
    try:
        papermill.execute_notebook(
            str(target),
            str(target),
            parameters=values if known else {},
            cwd=str(source.parent),
            progress_bar=False,
            log_output=False,
            extra_arguments=["--IPKernelApp.log_level=50"],
        )
    except papermill.PapermillExecutionError as error:
        trace = "\n".join(error.traceback)
        raise BookError(
            f"{source.name} failed in this cell:\n\n{error.source}\n\n{trace}"
        ) from None
    except (DeadKernelError, NoSuchKernel) as error:
        raise BookError(f"{source.name}: {error}") from None
    check_figures(source.name, clean(target, notebook))
    return time.perf_counter() - started


def check_figures(name, notebook):
    """Refuse an executed page with a cell that declares a figure and has no image."""
    for cell in notebook.cells:
        figure = cell.metadata.get("mystnb", {}).get("figure")
        kinds = {kind for output in cell.get("outputs", []) for kind in output.get("data", {})}
        if figure and "image/png" not in kinds:
            raise BookError(f"{name}: no image came from the cell of {figure['name']}")


def clean(target, source):
    """Leave in an executed notebook what its source and its outputs say, and return it."""
    executed = nbformat.read(target, as_version=4)
    injected = None
    cells = []
    for cell in executed.cells:
        if "injected-parameters" in cell.metadata.get("tags", []):
            injected = cell
        else:
            cells.append(cell)
    for cell, original in zip(cells, source.cells, strict=True):
        cell.metadata = original.metadata
        if injected and "parameters" in cell.metadata.get("tags", []):
            cell.source = injected.source.removeprefix("# Parameters\n")
    executed.cells = cells
    tidy(executed)
    nbformat.write(executed, target)
    return executed


def tidy(notebook):
    """Drop from a notebook what another execution would change, and nothing that a page says."""
    notebook.metadata = METADATA
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for number, cell in enumerate((c for c in code if c.execution_count is not None), 1):
        cell.execution_count = number
        cell.outputs = joined(cell.outputs)
        for output in cell.outputs:
            output.get("metadata", {}).clear()
            if "execution_count" in output:
                output.execution_count = number


def joined(outputs):
    """Return outputs with printed text in one piece, however it happened to arrive."""
    whole = []
    for output in outputs:
        last = whole[-1] if whole else {}
        if output.output_type == last.get("output_type") == "stream" and output.name == last.name:
            last.text += output.text
        else:
            whole.append(output)
    return whole


def execute_all(jobs):
    """Execute `(source, target, parameters, done)` on all cores, a line a page; fail on the first.

    `done(source)` is called for each page that succeeded.
    """
    width = max((len(source.name) for source, *_ in jobs), default=0)
    own_settings()
    pool = concurrent.futures.ProcessPoolExecutor(
        max_workers=os.cpu_count(), mp_context=multiprocessing.get_context("spawn")
    )
    with pool:
        # The last pages take longest, and most kernels: whoever comes after finds them compiled.
        futures = {pool.submit(execute, *job[:3]): job for job in reversed(jobs)}
        for number, future in enumerate(concurrent.futures.as_completed(futures), 1):
            source, _, _, done = futures[future]
            try:
                seconds = future.result()
            except BookError:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
            except concurrent.futures.process.BrokenProcessPool:
                raise BookError("a process that ran pages was killed: run it again") from None
            done(source)
            print(f"  [{number}/{len(jobs)}] {source.name:{width}}  {seconds:5.1f} s", flush=True)


def build(profile):
    """Build the book into `_build/html`, executing and rendering only what is out of date."""
    values = parameters(profile)
    wanted = stamp(profile)
    if read_stamp() == {"stamp": wanted, "profile": profile}:
        print("The book is up to date.")
    else:
        pages, stage = BUILD / "pages", BUILD / "stage"
        keys_file = pages / "keys.json"
        keys = json.loads(keys_file.read_text(encoding="utf-8")) if keys_file.exists() else {}
        jobs = []

        def done(source):
            keys[source.name] = page_key(source, profile)
            keys_file.write_text(json.dumps(keys, indent=1), encoding="utf-8")

        for source in sources():
            if source.suffix == ".py":
                target = pages / "book" / f"{source.stem}.ipynb"
                if not target.exists() or keys.get(source.name) != page_key(source, profile):
                    keys.pop(source.name, None)
                    jobs.append((source, target, values, done))
        if jobs:
            print(f"Executing {len(jobs)} page(s), profile {profile}:")
            execute_all(jobs)
        if any("_ext" in name.parts for name in mirror(pages)):
            shutil.rmtree(stage, ignore_errors=True)  # Sphinx keeps what extensions made of pages
        render(pages, stage, {"stamp": wanted, "profile": profile})
    print(f"Open {BUILD / 'html' / 'index.html'}")


def mirror(pages):
    """Copy what Sphinx reads beside the executed pages, only where it changed; drop the rest.

    Returns the names of the files that changed.
    """
    changed = []
    wanted = {f"book/{source.stem}.ipynb" for source in sources() if source.suffix == ".py"}
    wanted.add("keys.json")
    copied = [ROOT / "_config.yml", ROOT / "_toc.yml", ROOT / "book" / "references.bib"]
    copied += sources()  # Sphinx reads the .md, and hands out the .py to be downloaded
    copied += [
        f for d in ("_static", "_ext") for f in (ROOT / "book" / d).rglob("*") if f.is_file()
    ]
    for file in copied:
        if "__pycache__" in file.parts:
            continue
        name = file.relative_to(ROOT)
        wanted.add(str(name))
        target = pages / name
        if not target.exists() or target.read_bytes() != file.read_bytes():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
            changed.append(name)
    for file in pages.rglob("*"):
        if file.is_file() and str(file.relative_to(pages)) not in wanted:
            file.unlink()
    return changed


def render(pages, stage, mark):
    """Run Sphinx aside, with warnings as errors, and swap the result in if it is whole."""
    command = [Path(sys.executable).with_name("jupyter-book"), "build", str(pages)]
    command += ["--path-output", str(stage), "-W", "-n", "--keep-going", "-q"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    html = stage / "_build" / "html"
    missing = [name for name in toc() if not (html / f"{name}.html").exists()]
    if run.returncode or missing:
        # Sphinx does not repeat the warnings of pages it has cached: start afresh next time.
        shutil.rmtree(stage, ignore_errors=True)
        if os.strerror(errno.ENOSPC) in run.stdout + run.stderr:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(stage))
        print(run.stdout, run.stderr, sep="\n")
        reason = f"pages missing: {', '.join(missing)}" if not run.returncode else "Sphinx failed"
        raise BookError(f"the book was not built ({reason}); the last good one is untouched")
    new, old, final = BUILD / "html.new", BUILD / "html.old", BUILD / "html"
    for folder in (new, old):
        shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(html, new)
    (new / "stamp.json").write_text(json.dumps(mark | {"content": content(new)}), encoding="utf-8")
    if final.exists():
        final.rename(old)
    new.rename(final)
    shutil.rmtree(old, ignore_errors=True)


def content(folder):
    """Return the hash of all pages in a folder."""
    sha = hashlib.sha256()
    for page in sorted(folder.rglob("*.html")):
        sha.update(f"{page.relative_to(folder)}\0".encode())
        sha.update(page.read_bytes())
    return sha.hexdigest()


def read_stamp():
    """Return what the book in place was built from, or None if anyone else has built there."""
    folder = BUILD / "html"
    file = folder / "stamp.json"
    mark = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return mark if mark.pop("content", None) == content(folder) else None


def refresh():
    """Decide all claims; execute every page, with default parameters, into its notebook."""
    import base64

    from errorflow import claims

    print("Deciding all claims ..", flush=True)
    ledger = claims.evaluate()
    claims.write(LEDGER, ledger)
    text = with_counts(README.read_text(encoding="utf-8"), ledger)
    README.write_text(text, encoding="utf-8")
    folder = BUILD / "refresh"
    shutil.rmtree(folder, ignore_errors=True)
    notebooks = [source for source in sources() if source.suffix == ".py"]
    execute_all([(s, folder / f"{s.stem}.ipynb", {}, lambda _: None) for s in notebooks])
    pages, keys = BUILD / "pages" / "book", {}
    pages.mkdir(parents=True, exist_ok=True)
    for source in notebooks:
        executed = folder / f"{source.stem}.ipynb"
        shutil.copyfile(executed, source.with_suffix(".ipynb"))
        # The defaults are those of the quick profile: the book need not execute them once more.
        shutil.copyfile(executed, pages / executed.name)
        keys[source.name] = page_key(source, "quick")
    (BUILD / "pages" / "keys.json").write_text(json.dumps(keys, indent=1), encoding="utf-8")
    landing = nbformat.read(folder / f"{Path(toc()[0]).name}.ipynb", as_version=4)
    pictures = (
        o.data["image/png"]
        for c in landing.cells
        for o in c.get("outputs", [])
        if "image/png" in o.get("data", {})
    )
    FIGURE.write_bytes(base64.b64decode(next(pictures)))


def with_counts(text, ledger):
    """Return the README's text with the verdict counts of the ledger between their markers."""
    from errorflow import claims

    _, others = claims.counts(ledger)
    counts = ", ".join(f"{number} {verdict}" for verdict, number in others.items())
    start, end = "<!-- verdicts -->", "<!-- end of verdicts -->"
    head, _, rest = text.partition(start)
    return f"{head}{start}\n{counts}.\n{end}{rest.partition(end)[2]}"


def lab():
    """Become a JupyterLab over the pages, with settings of its own."""
    own_settings()
    config = ROOT / "tools" / "lab" / "config.py"
    os.execv(sys.executable, [sys.executable, "-m", "jupyterlab", f"--config={config}"])


def serve(port):
    """Show the book at a local address until interrupted."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=BUILD / "html")
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        print(f"http://localhost:{port} (Ctrl-C ends it)", flush=True)
        server.serve_forever()


def main():
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=["build", "refresh", "lab", "serve"])
    parser.add_argument("--profile", default="quick")
    parser.add_argument("--port", type=int, default=8000)
    arguments = parser.parse_args()
    try:
        check_library()
        if arguments.command == "build":
            build(arguments.profile)
        elif arguments.command == "refresh":
            refresh()
        elif arguments.command == "lab":
            lab()
        else:
            serve(arguments.port)
    except (BookError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Trials on a Dask cluster: an executor that says what it waits for, and for how long."""

import concurrent.futures
import contextlib
import importlib.util
import logging
import time
from collections.abc import Callable
from typing import Any

from errorflow.core.extras import extra

PATIENCE = 60.0
"""Seconds without any worker after which a run ends; its records stay, and it may go on later."""


class Cluster(concurrent.futures.Executor):
    """An executor on the Dask cluster whose scheduler is at ``address``.

    ``say`` is told how many workers there are whenever that has changed. Raises ``OSError`` if no
    scheduler answers within five seconds, ``ImportError`` if its workers lack this library.
    """

    def __init__(self, address: str, say: Callable[[str], Any]):
        with extra("cluster"):
            import distributed
        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters is raised here
        self.address, self.say = address, say
        self.client = distributed.Client(address, timeout="5s")
        found = self.client.run(importlib.util.find_spec, "errorflow")
        if without := [worker for worker, spec in found.items() if spec is None]:
            raise ImportError(
                f"no errorflow on {', '.join(without)}; install there what is installed here"
            )
        self.executor = self.client.get_executor(pure=False)
        self.workers, self.alone_since = -1, time.monotonic()

    def submit(self, function, /, *args, **options):
        """Let a worker call ``function``."""
        return self.executor.submit(function, *args, **options)

    def check(self) -> None:
        """Raise ``OSError`` if the scheduler is gone, or no worker has been there for long."""
        try:
            workers = len(self.client.scheduler_info()["workers"])
        except (OSError, RuntimeError):  # the client is closed by then, or about to be
            raise OSError(f"the scheduler at {self.address} does not answer any more") from None
        if workers or self.workers:
            self.alone_since = time.monotonic()
        if workers != self.workers:
            start = "" if workers else f"; start one: dask worker {self.address}"
            self.say(f"{workers} worker(s) at {self.address}{start}")
        self.workers = workers
        if time.monotonic() - self.alone_since > PATIENCE:
            raise OSError(
                f"no worker was at {self.address} for {PATIENCE:.0f} seconds; one that ends at its "
                "first trial has no errorflow"
            )

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the cluster; what was not waited for is cancelled."""
        with contextlib.suppress(Exception):  # of a scheduler that is gone
            self.executor.shutdown(wait=wait and not cancel_futures)
        with contextlib.suppress(Exception):
            self.client.close(timeout=2)

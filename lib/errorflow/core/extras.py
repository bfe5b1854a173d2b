"""What a plain ``pip install`` leaves out, asked for in one line where it is needed."""

from contextlib import contextmanager


class MissingExtraError(ImportError):
    """A package is not installed; the message names the extra that installs it."""


@contextmanager
def extra(name):
    """Import in this block what errorflow's extra ``name`` installs.

    Raises :class:`MissingExtraError` where a package is not installed.

    >>> try:
    ...     with extra("cluster"):
    ...         import no_such_package
    ... except MissingExtraError as error:
    ...     print(error)
    no_such_package is missing: pip install 'errorflow[cluster]'
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"{error.name} is missing: pip install 'errorflow[{name}]'"
        ) from None

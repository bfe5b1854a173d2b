"""A bibliography style that keeps the paper's numbers: entries in the order of their keys."""

from pybtex.plugin import register_plugin
from pybtex.style.formatting.plain import Style


class PaperOrder(Style):
    """Pybtex's plain style, sorted by key: r01 .. r28 are the paper's [1] .. [28]."""

    def sort(self, entries):
        """Return the entries in the order of their keys."""
        return sorted(entries, key=lambda entry: entry.key)


def setup(app):
    """Register the style with pybtex."""
    register_plugin("pybtex.style.formatting", "paper_order", PaperOrder)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

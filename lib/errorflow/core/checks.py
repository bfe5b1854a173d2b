"""Bad input is refused where it enters, by a message that names it and what would be right."""


def check_size(name, value, least=1):
    """Raise a ``ValueError`` that names a size which is no integer of at least ``least``."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ValueError(f"{name} = {value!r}; it must be an integer of at least {least}")

"""How much a page computes: its ``profile`` parameter, checked."""


def choose(profile, *, quick, full):
    """Return ``quick`` or ``full`` as the profile says; any other profile is a ``ValueError``.

    >>> choose("quick", quick=3, full=18)
    3
    """
    choices = {"quick": quick, "full": full}
    if profile not in choices:
        raise ValueError(f"profile = {profile!r} is unknown; it must be 'quick' or 'full'")
    return choices[profile]

"""Type (3), methods on higher levels."""

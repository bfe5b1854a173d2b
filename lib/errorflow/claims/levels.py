"""Claims of Section 3 about methods on higher levels: type (3)."""

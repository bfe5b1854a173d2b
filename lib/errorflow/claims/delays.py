"""Claims of Section 3 about nets with delays."""

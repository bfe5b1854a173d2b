"""Claims of Section 3 about special architectures: type (4)."""

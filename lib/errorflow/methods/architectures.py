"""Type (4), special architectures, most of them trained by BPTT."""

"""Claims shown on a page of their own."""

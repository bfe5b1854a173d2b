"""Figures, on paper and interactive."""

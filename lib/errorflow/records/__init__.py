"""The results on disk, and what they say."""

"""A driver from end to end, for a reader that does not exist: copy it, and change what your datasheet says."""

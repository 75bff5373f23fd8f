"""A second box in the same venue: it follows the first, and takes over from it."""

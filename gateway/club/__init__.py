"""The club of several companies: what they owe each other for the points of common customers."""

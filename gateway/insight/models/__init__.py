"""Models that need ``moments[insight]``: numpy and scipy. No gateway imports them."""

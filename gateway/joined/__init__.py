"""A venue that has joined a hub: what it says to it, what it hears, and what follows here."""

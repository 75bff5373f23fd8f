"""What the other parts of the house know of a second box."""

FILE = "standby.json"
"""Who this box is to the other one of its venue, in the data folder."""

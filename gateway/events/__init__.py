"""What can happen: the event, the catalogue of its types, and the order in which events leave."""

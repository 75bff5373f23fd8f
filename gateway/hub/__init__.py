"""The hub: many venues as one house. It takes each venue's journal and gives each what it may know."""

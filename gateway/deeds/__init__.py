"""What people can do, a file for each kind of thing: a wish becomes a Deed. Knows service and records, not the web."""

"""What customers agree to, what is alive of it, and the proof that they take away; no disk, no web, no clock."""

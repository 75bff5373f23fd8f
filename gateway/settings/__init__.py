"""``venue.toml`` as typed settings; a mistake is answered in words."""

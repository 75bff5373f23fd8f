"""Sources of phone and badge beacons: one file per source."""

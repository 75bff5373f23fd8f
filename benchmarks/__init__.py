"""What measures speed: real processes on real links, printed as tables and, wherever two can be compared, as ratios."""

"""What staff do about it: alerts, who gets them, asks and promises. Pure: time comes with the fact."""

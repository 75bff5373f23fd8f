"""What keeps the gateway running: health, supervision of readers, the broker, backup."""

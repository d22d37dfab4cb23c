"""What the film is."""

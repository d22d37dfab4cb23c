"""What it will feel like; reads a cut, never changes it."""

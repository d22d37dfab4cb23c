"""What the head did."""

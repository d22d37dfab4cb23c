"""What is made."""

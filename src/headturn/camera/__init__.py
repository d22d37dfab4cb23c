"""What was shot."""

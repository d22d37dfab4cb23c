"""headturn: the film-making system for first-person films."""

__version__ = "0.1.0"

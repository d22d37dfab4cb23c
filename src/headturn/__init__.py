"""headturn: the film-making system for first-person films."""

__version__ = "0.2.0"

"""Back office of an online tea shop."""

__version__ = "1.4.0"

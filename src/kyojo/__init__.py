"""Kyojo (共助): mutual aid for those who care for someone, run by a municipality."""

__version__ = "0.1.0"

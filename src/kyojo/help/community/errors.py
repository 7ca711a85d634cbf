"""Refusals of the community room."""

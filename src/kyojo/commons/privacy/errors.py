"""Refusals of the privacy room."""

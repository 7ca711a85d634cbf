"""Refusals of the safety room."""

"""Kyojo's log, checked by programs that share nothing with Kyojo but the public texts."""

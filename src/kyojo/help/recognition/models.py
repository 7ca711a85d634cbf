"""Recognition: badges, certificates."""

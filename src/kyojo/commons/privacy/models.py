"""Privacy: erasure, one's own data, keeping times over all rooms."""

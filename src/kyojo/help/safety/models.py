"""Safety: emergencies, worries, late check-outs, accidents, the insurance roster."""

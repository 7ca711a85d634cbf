"""安全 at the desk: emergencies, overdue visits, worries, accidents, the insurance roster."""

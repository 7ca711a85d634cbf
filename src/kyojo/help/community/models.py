"""Community: messages inside a request, reports, cases of the office, groups."""

"""Safety for members: asking for help, what was noticed, before the first visit, accidents."""

"""Visits that do not look like help that happened: features, scores, reasons, a queue.

Pure: no Django, no clock, no database. Whoever has visits makes ``facts.TownFacts`` of them;
``features.measure`` turns them into numbers, ``detector.Detector`` into scores and words, and
``queue.review_queue`` picks what a person looks at. A score accuses nobody: it decides who is
looked at first. ``docs/reference/simulator.md`` says how well it works, and where not.
"""

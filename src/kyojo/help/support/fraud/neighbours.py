"""What a visit's people and pair have in common: small oddities that come back again and again."""

from dataclasses import replace

import numpy as np

from .columns import Floats, Ints
from .features import Table

#: Kinds of neighbourhood that are summed over.
AROUND = ("pair", "supporter", "carer", "device")
#: The mean of a surprise among honest visits: -log10 of an even draw.
MEAN = 1 / np.log(10)
#: A visit shares its neighbours' oddity in full from this surprise of its own on.
SHARES_FROM = 0.7


def around(table: Table, surprises: Floats) -> Table:
    """The table of a visit's neighbourhoods: for each feature, how far the surprises of all visits
    of the same pair, supporter, carer and phone sum above what chance gives, in standard errors."""
    blocks, names = [], []
    # Honest visits of somebody who fakes others lack their oddity, and are not charged with it.
    # Two people who fake visits to each other hardly make honest ones.
    columns = [table.names.index(name) for name in table.single]
    surprises = surprises[:, columns]
    shares = np.clip(surprises / SHARES_FROM, 0.0, 1.0)
    for kind in AROUND:
        above = _above_chance(table.keys[kind], surprises)
        blocks.append(above if kind == "pair" else above * shares)
        names += [f"{kind}:{name}" for name in table.single]
    return replace(table, names=tuple(names), values=np.hstack(blocks))


def _above_chance(keys: Ints, surprises: Floats) -> Floats:
    _, inverse = np.unique(keys, return_inverse=True)
    counts = np.bincount(inverse)
    sums = np.zeros((len(counts), surprises.shape[1]))
    np.add.at(sums, inverse, surprises)
    above = (sums - MEAN * counts[:, None]) / np.sqrt(counts[:, None] + 1)
    return np.where(keys[:, None] < 0, 0.0, above[inverse])

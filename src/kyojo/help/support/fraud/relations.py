"""What the graph of visits and coins says: pairs, circles, companies, new accounts."""

import math
from collections import Counter, defaultdict

import numpy as np
import rustworkx as rx

from .columns import Columns, Floats, Ints, count_of, rows_by, sum_of

#: Visits between two people from which an edge counts, level by level.
LEVELS = (2, 3, 4, 6, 8, 12, 16, 24, 32)
#: A circle larger than this is no ring but a town.
CIRCLE_MAX = 10
#: Accounts count as made together within so many hours and metres.
TOGETHER_HOURS, TOGETHER_METRES = 21 * 24.0, 600.0


def measure_relations(columns: Columns) -> dict[str, Floats]:
    """A column for each feature of who visits whom."""
    c = columns
    pairs, of_supporter, of_carer = count_of(c.pair), count_of(c.supporter), count_of(c.carer)
    back = _back(c)
    circle, closed, size = _circles(c)
    given, received = _flows(c)
    found = {
        "pair_visits": np.log(pairs),
        "pair_share_supporter": pairs / (of_supporter + 2),
        "pair_share_carer": pairs / (of_carer + 2),
        "pair_density": _density(c),
        "pair_burst": _burst(c),
        "returned": np.log1p(np.minimum(back, pairs)),
        "returned_share": np.minimum(back, pairs) / (pairs + 1),
        "balance": _balance(given, received)[c.supporter],
        "carer_balance": _balance(given, received)[c.carer],
        "circle": circle,
        "circle_closed": closed,
        "circle_size": size,
        "few_carers": -_partners(c, c.supporter, c.carer),
        "few_supporters": -_partners(c, c.carer, c.supporter),
    }
    return found | _companies(c, of_supporter) | _accounts(c)


def _back(c: Columns) -> Floats:
    """Visits the other way round."""
    other = c.carer * len(c.persons) + c.supporter
    counts = Counter(c.pair.tolist())
    return np.array([counts.get(int(key), 0) for key in other], dtype=float)


def _flows(c: Columns) -> tuple[Floats, Floats]:
    people = len(c.persons)
    given = np.bincount(c.carer, weights=c.coins, minlength=people)
    received = np.bincount(c.supporter, weights=c.coins, minlength=people)
    return np.asarray(given, dtype=float), np.asarray(received, dtype=float)


def _balance(given: Floats, received: Floats) -> Floats:
    """Coins that come and go in equal measure: 0 for one way only, more for much both ways."""
    return (
        np.log1p(np.minimum(given, received))
        * 2
        * np.minimum(given, received)
        / (given + received + 1)
    )


def _density(c: Columns) -> Floats:
    """Visits a week of the pair (log), from its first to its last."""
    found = np.zeros(len(c))
    for rows in rows_by(c.pair).values():
        weeks = (c.starts[rows].max() - c.starts[rows].min()) / 168 + 3
        found[rows] = math.log(len(rows) / weeks)
    return found


def _burst(c: Columns) -> Floats:
    """Visits of the pair in the seven days around (log)."""
    found = np.zeros(len(c))
    for rows in rows_by(c.pair).values():
        at = np.sort(c.starts[rows])
        near = np.searchsorted(at, c.starts[rows] + 84) - np.searchsorted(at, c.starts[rows] - 84)
        found[rows] = np.log(np.maximum(near, 1))
    return found


def _circles(c: Columns) -> tuple[Floats, Floats, Floats]:
    """For each visit: the most visits that a small circle through both people has on each of its
    edges (log; 0 for none), the share of both people's visits inside it, and how small it is.

    Strongly connected components of the graph whose edges have at least so many visits: in one,
    whatever is given comes back.
    """
    people, giver, taker, visits = _edges(c)
    served = np.bincount(giver, weights=visits, minlength=people)
    had = np.bincount(taker, weights=visits, minlength=people)
    total = served[giver] + had[taker]
    circle, closed, size = (np.zeros(len(c)) for _ in range(3))
    for level in LEVELS:
        graph = rx.PyDiGraph()
        graph.add_nodes_from(range(people))
        often = visits >= level
        graph.add_edges_from_no_data(
            list(zip(giver[often].tolist(), taker[often].tolist(), strict=True))
        )
        member = np.full(people, -1)
        sizes = np.zeros(people)
        for number, part in enumerate(rx.strongly_connected_components(graph)):
            if 2 <= len(part) <= CIRCLE_MAX:
                member[list(part)] = number
                sizes[list(part)] = len(part)
        inside = (member[c.supporter] >= 0) & (member[c.supporter] == member[c.carer])
        if not inside.any():
            continue
        edges = (member[giver] >= 0) & (member[giver] == member[taker])
        within = np.bincount(member[giver][edges], weights=visits[edges], minlength=people)
        of_all = np.bincount(
            member[giver][edges], weights=(visits * total)[edges], minlength=people
        )
        ring = member[c.supporter][inside]
        held = within[ring] / np.maximum(of_all[ring] / within[ring], 1)
        circle[inside] = math.log(level)
        closed[inside] = np.maximum(closed[inside], np.minimum(held, 2.0))
        size[inside] = np.log(CIRCLE_MAX / sizes[c.supporter][inside]) + 0.2
    return circle, closed, size


def _edges(c: Columns) -> tuple[int, Ints, Ints, Floats]:
    """(how many people there are, supporters, carers, their visits), of the whole town; people
    have the numbers that they have in ``c``."""
    if c.town.beyond is None:
        keys, counts = np.unique(c.pair, return_counts=True)
        people = len(c.persons)
        return people, keys // people, keys % people, counts.astype(float)
    number = dict(c.number)
    pairs = [
        (number.setdefault(one, len(number)), number.setdefault(other, len(number)), visits)
        for (one, other), visits in c.town.beyond.pairs.items()
    ]
    giver, taker, counts = np.array(pairs, dtype=np.int64).reshape(-1, 3).T
    return len(number), giver, taker, counts.astype(float)


def _partners(c: Columns, keys: np.ndarray, others: np.ndarray) -> Floats:
    """The effective number of partners (log): exp of the entropy of one's visits over them, plus
    what a few visits more would have shown."""
    found = np.zeros(len(c))
    for rows in rows_by(keys).values():
        _, counts = np.unique(others[rows], return_counts=True)
        share = counts / counts.sum()
        entropy = float(-(share * np.log(share)).sum())
        found[rows] = entropy - 0.5 * math.log(len(rows) + 1)
    return found


def _companies(c: Columns, of_supporter: Floats) -> dict[str, Floats]:
    """Whether these two are colleagues, and the share of the supporter's visits to such."""
    names = [c.town.persons[uid].company for uid in c.persons]
    codes = {name: n for n, name in enumerate(sorted({name for name in names if name}))}
    company = np.array([codes.get(name, -1) for name in names])
    same = (company[c.supporter] >= 0) & (company[c.supporter] == company[c.carer])
    hour, weekday = c.starts % 24, c.starts // 24 % 7
    at_work = same & (weekday < 5) & (hour >= 9) & (hour < 17)
    to_colleagues = sum_of(c.supporter, same.astype(float))
    at_work_share = sum_of(c.pair, at_work.astype(float)) / count_of(c.pair)
    return {
        "colleagues_share": np.where(same, to_colleagues / (of_supporter + 2), 0.0),
        "colleagues_at_work": np.where(at_work, at_work_share, 0.0),
    }


def _accounts(c: Columns) -> dict[str, Floats]:
    """How new the accounts are, and how many of the supporter's carers came together."""
    people = [c.town.persons[uid] for uid in c.persons]
    joined = np.array([one.joined_at for one in people])
    home = np.array([one.home for one in people], dtype=float)
    age = np.maximum(c.starts - np.maximum(joined[c.supporter], joined[c.carer]), 1.0)
    own = ["" if one.joined_network in c.town.counters else one.joined_network for one in people]
    households: dict[str, set[str]] = defaultdict(set)
    for one, network in zip(people, own, strict=True):
        if network:
            households[network].add(one.household or one.uid)
    crowd = np.array([len(households.get(network, ())) for network in own], dtype=float)
    together = np.zeros(len(c))
    for rows in rows_by(c.supporter).values():
        carers = np.unique(c.carer[rows])
        apart = np.abs(joined[carers][:, None] - joined[carers])
        metres = np.hypot(*(home[carers][:, None] - home[carers]).transpose(2, 0, 1))
        near = ((apart < TOGETHER_HOURS) & (metres < TOGETHER_METRES)).sum(axis=1)
        by_carer = dict(zip(carers.tolist(), near.tolist(), strict=True))
        together[rows] = [by_carer[int(carer)] for carer in c.carer[rows]]
    return {
        "new_account": -np.log(age / 24),
        "network_crowd": np.log(np.maximum(np.maximum(crowd[c.carer], crowd[c.supporter]), 1)),
        "joined_together": np.log(np.maximum(together, 1)),
    }

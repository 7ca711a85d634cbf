"""Who does what in a whole town: the assignment with the least cost, and its proof. Pure.

A request is done by one supporter or stays unfilled, which costs the more the more urgent it is.
A supporter does one thing in a slot and no more than their capacity in all; each further task
costs more than the one before (convex), and whoever did much lately begins higher, so that work
goes round.

That is a flow of least cost from requests over (supporter, slot) to supporters and on. Four million
pairs are too many to solve at once, and hardly any matter: ``assign`` solves over each request's
cheapest pairs, computes prices from the answer, and looks with them at all pairs. A pair that
would be worth its price is put in and all is solved again; where there is none, the prices prove
that no assignment is cheaper, whichever pairs were looked at first (column generation; LP duality:
Ahuja, Magnanti, Orlin, Network Flows, 1993, ch. 9).

Costs are whole numbers in one unit of the caller's, such as metres of way.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from .edges import BadArrays, Ints, whole

#: No cost is larger: sums over a town and the solver's own scaling stay within 64 bits.
COST_MAX = 10**9
#: Pairs a request begins with: of 10 the first answer was nearly always the last one.
FIRST_LOOK = 10
#: With so many pairs a request or fewer on average, all are looked at at once.
FEW = 20
#: More than any price.
ENDLESS = np.int64(1) << 50


class NotSolved(RuntimeError):
    """The solver gave up, which sound input does not let happen."""


class NotOptimal(AssertionError):
    """A certificate does not prove its assignment; the message says what is wrong."""


@dataclass(frozen=True)
class Problem:
    """Pairs and what they cost.

    Attributes:
        request, supporter: (edges,) rows of who could do what.
        cost: (edges,) of the pair; may be below 0.
        unfilled: (requests,) cost of leaving a request open; one that costs more than this to
            fill stays open.
        capacity: (supporters,) tasks at most, 0 or more.
        steps: cost of somebody's first, second … task lately, never falling. Whoever does more
            than are named pays the last difference on top each time.
        load: (supporters,) tasks lately: the next one costs ``steps[load]``. None: all 0.
        slot: (requests,) when it is: nobody does two things in one slot. None: times do not matter.
    Raises:
        BadArrays: shapes differ, a row is not there, a cost is no whole number or beyond
            ``COST_MAX``, a pair stands twice, ``steps`` fall or are empty.
    """

    request: Ints
    supporter: Ints
    cost: Ints
    unfilled: Ints
    capacity: Ints
    steps: Sequence[int] = (0,)
    load: Ints | None = None
    slot: Ints | None = None

    def __post_init__(self) -> None:
        n, m, e = np.size(self.unfilled), np.size(self.capacity), np.size(self.request)
        put = object.__setattr__
        put(self, "request", whole("request", self.request, e, low=0, high=n - 1))
        put(self, "supporter", whole("supporter", self.supporter, e, low=0, high=m - 1))
        put(self, "cost", whole("cost", self.cost, e, low=-COST_MAX, high=COST_MAX))
        put(self, "unfilled", whole("unfilled", self.unfilled, n, low=-COST_MAX, high=COST_MAX))
        # Nobody does more than there is.
        put(self, "capacity", np.minimum(whole("capacity", self.capacity, m, low=0), n))
        load = np.zeros(m, np.int64) if self.load is None else self.load
        put(self, "load", whole("load", load, m, low=0))
        if self.slot is not None:
            put(self, "slot", whole("slot", self.slot, n, low=0))
        steps = whole("steps", list(self.steps), len(self.steps), low=-COST_MAX, high=COST_MAX)
        if not len(steps) or (np.diff(steps) < 0).any():
            raise BadArrays("steps are one cost or more, none lower than the one before it")
        dearest = self.step(np.array([int(self.load_now.max(initial=0)) + max_of(self.capacity)]))
        if dearest[0] > COST_MAX:
            raise BadArrays(f"steps grow beyond {COST_MAX} for the load and capacity there is")
        key = self.request * np.int64(max(m, 1)) + self.supporter
        if not (np.diff(key) > 0).all() and (np.diff(np.sort(key)) == 0).any():
            raise BadArrays("a pair of request and supporter stands twice")

    @property
    def load_now(self) -> Ints:
        assert self.load is not None  # set above
        return self.load

    @property
    def requests(self) -> int:
        return len(self.unfilled)

    @property
    def supporters(self) -> int:
        return len(self.capacity)

    def step(self, number: Ints) -> Ints:
        """Cost of somebody's task number 0, 1 … lately."""
        steps = np.asarray(self.steps, np.int64)
        last = len(steps) - 1
        growth = steps[last] - steps[last - 1] if last else np.int64(0)
        return steps[np.minimum(number, last)] + growth * np.maximum(number - last, 0)

    def cost_of(self, edge: Ints) -> int:
        """What an assignment costs in all.

        Arguments:
            edge: (requests,) the pair that does each request, -1 for none.
        Raises:
            NotOptimal: it is no assignment: a pair of another request, somebody beyond capacity
                or twice in a slot.
        """
        done = np.flatnonzero(edge >= 0)
        picked = edge[done]
        if len(edge) != self.requests or (edge >= len(self.request)).any():
            raise NotOptimal("the assignment has other rows than the problem")
        if (self.request[picked] != done).any():
            raise NotOptimal("a request is done by a pair of another one")
        who = self.supporter[picked]
        used = np.bincount(who, minlength=self.supporters)
        if (used > self.capacity).any():
            raise NotOptimal("somebody does more than their capacity")
        if self.slot is not None and len(np.unique(self.place(picked))) < len(picked):
            raise NotOptimal("somebody is at two places in one slot")
        total = int(self.cost[picked].sum()) + int(np.delete(self.unfilled, done).sum())
        for number in range(int(used.max(initial=0))):
            busy = used > number
            total += int(self.step(self.load_now[busy] + number).sum())
        return total

    def place(self, edge: Ints) -> Ints:
        """(supporter, slot) of each of these pairs as one number, ``supporter × slots + slot``."""
        assert self.slot is not None
        width = np.int64(max_of(self.slot) + 1)
        return self.supporter[edge] * width + self.slot[self.request[edge]]


@dataclass(frozen=True)
class Certificate:
    """Prices that prove an assignment to be the cheapest. ``check`` needs no solver.

    With any prices the dual value is at most the cost of any assignment (weak duality); these two
    are equal.

    Attributes:
        cost: of the assignment (primal).
        bound: no assignment costs less (dual).
        supporter_price: (supporters,) what one more task of theirs is worth.
        place, place_price: (supporter, slot) pairs as ``supporter × slots + slot``, rising, whose
            slot is worth more than the supporter's price, and by how much.
        rounds: how often it was solved; ``looked_at``: pairs that the last time had.
    """

    cost: int
    bound: int
    supporter_price: Ints = field(repr=False)
    place: Ints = field(repr=False)
    place_price: Ints = field(repr=False)
    rounds: int = 1
    looked_at: int = 0

    @property
    def is_optimal(self) -> bool:
        return self.cost == self.bound

    def check(self, problem: Problem, edge: Ints) -> None:
        """Raise ``NotOptimal`` unless ``edge`` is an assignment and cannot be beaten: its cost is
        counted anew, and the dual value, over all pairs."""
        if (cost := problem.cost_of(edge)) != self.cost:
            raise NotOptimal(f"the assignment costs {cost}, the certificate says {self.cost}")
        bound = dual(problem, self.supporter_price, self.place, self.place_price)
        if cost != bound:
            raise NotOptimal(f"it costs {cost}, and the prices prove {bound} only")


@dataclass(frozen=True)
class Assignment:
    """Who does what. ``supporter``, ``edge``: (requests,) rows, -1 where a request stays open."""

    supporter: Ints
    edge: Ints
    certificate: Certificate

    @property
    def cost(self) -> int:
        return self.certificate.cost

    @property
    def filled(self) -> int:
        return int((self.edge >= 0).sum())


def assign(problem: Problem, *, first_look: int | None = None) -> Assignment:
    """The cheapest assignment, proved. The same problem gives the same answer.

    Arguments:
        first_look: cheapest pairs of each request to begin with, at least 1. None: ten, or all
            where they are few. It changes how fast the answer comes and nothing else.
    Raises:
        NotSolved: the solver gave up.
    """
    ranked = _Ranked(problem)
    # One round over all of them is sooner done than several over some.
    is_few = first_look is None and len(ranked.rank) <= FEW * problem.requests
    keep = ranked.rank < (len(ranked.rank) if is_few else max(first_look or FIRST_LOOK, 1))
    rounds = 0
    while True:
        rounds += 1
        looked = np.flatnonzero(keep)
        picked = _solved(problem, ranked, looked)
        prices = _prices(problem, ranked, looked, picked)
        worth = (
            ranked.cost + prices.of(ranked.supporter, ranked.place) < prices.request[ranked.request]
        )
        worth &= ~keep
        if not worth.any():
            break
        keep |= worth
    done = np.flatnonzero(picked >= 0)
    edge = np.full(problem.requests, -1, np.int64)
    edge[done] = ranked.order[picked[done]]
    supporter = np.full(problem.requests, -1, np.int64)
    supporter[done] = ranked.supporter[picked[done]]
    certificate = Certificate(
        cost=problem.cost_of(edge),
        # No pair is worth less than its request's price: these are the least over all of them.
        bound=int(prices.request.sum()) - _paid_back(problem, prices.supporter, prices.place_price),
        supporter_price=prices.supporter,
        place=prices.place,
        place_price=prices.place_price,
        rounds=rounds,
        looked_at=len(looked),
    )
    if not certificate.is_optimal:
        raise NotSolved(f"costs {certificate.cost}, and the prices prove {certificate.bound}")
    return Assignment(supporter=supporter, edge=edge, certificate=certificate)


def dual(problem: Problem, price: Ints, place: Ints, place_price: Ints) -> int:
    """The dual value of prices: no assignment costs less, whatever they are.

    A request brings the least of what each of its pairs costs at these prices and of what it costs
    to leave it open; prices are paid back for what supporters and slots can do below them.

    Arguments:
        price: (supporters,); place, place_price: as in ``Certificate``, ``place_price`` ≥ 0.
    Raises:
        NotOptimal: a price of a slot is below 0.
    """
    if (place_price < 0).any():
        raise NotOptimal("a slot has a price below 0")
    bring = problem.unfilled.copy()
    if len(problem.request):
        # Nobody without capacity is for sale; they would need an endless price.
        able = np.flatnonzero(problem.capacity[problem.supporter] > 0)
        asked = problem.cost[able] + price[problem.supporter[able]]
        if len(place):
            asked += _found(place, place_price, problem.place(able))
        np.minimum.at(bring, problem.request[able], asked)
    return int(bring.sum()) - _paid_back(problem, price, place_price)


def _paid_back(problem: Problem, price: Ints, place_price: Ints) -> int:
    """What supporters could do for less than their price, and slots for theirs."""
    back = int(place_price.sum())
    for number in range(max_of(problem.capacity)):
        some = np.flatnonzero(problem.capacity > number)
        step = problem.step(problem.load_now[some] + number)
        back += int(np.maximum(price[some] - step, 0).sum())
    return back


def max_of(values: Ints) -> int:
    return int(values.max(initial=0))


def _found(keys: Ints, values: Ints, wanted: Ints) -> Ints:
    """The value of each wanted key, 0 where it is not among ``keys`` (which rise)."""
    if not len(keys) or not len(wanted):
        return np.zeros(len(wanted), np.int64)
    span = int(max(wanted.max(), keys[-1])) + 1
    if span <= 4 * len(wanted):
        table = np.zeros(span, np.int64)
        table[keys] = values
        return table[wanted]
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, values[at], 0)


class _Ranked:
    """The pairs of those who have capacity, by request and cost; ``order`` leads back."""

    def __init__(self, problem: Problem) -> None:
        able = np.flatnonzero(problem.capacity[problem.supporter] > 0)
        # Whoever did much lately begins higher: they are looked at later.
        first = problem.cost[able] + problem.step(problem.load_now)[problem.supporter[able]]
        first -= first.min(initial=0)
        key = (problem.request[able] << max_of(first).bit_length()) | first
        self.order = able[np.argsort(key, kind="stable")]
        self.request = problem.request[self.order]
        self.supporter = problem.supporter[self.order]
        self.cost = problem.cost[self.order]
        self.place = None if problem.slot is None else problem.place(self.order)
        start = np.searchsorted(self.request, np.arange(problem.requests))
        self.rank = np.arange(len(self.order)) - start[self.request]


def _solved(problem: Problem, ranked: _Ranked, looked: Ints) -> Ints:
    """(requests,) the pair (a row of ``ranked``) that does each request, over the pairs
    ``looked`` at only; -1 for none.

    The nodes of the flow: requests, (supporter, slot) where several requests want it, supporters,
    and one end.
    """
    picked = np.full(problem.requests, -1, np.int64)
    if not len(looked):
        return picked
    from ortools.graph.python import min_cost_flow

    asking, q = np.unique(ranked.request[looked], return_inverse=True)
    who, p = np.unique(ranked.supporter[looked], return_inverse=True)
    slots, into = _slot_nodes(ranked, looked, p)
    first_slot = len(asking)
    first_who = first_slot + len(slots)
    end = first_who + len(who)
    tails = [q, np.arange(len(asking)), first_slot + np.arange(len(slots))]
    heads = [np.where(into < 0, first_who + p, first_slot + into), np.full(len(asking), end)]
    heads.append(first_who + slots)
    costs = [ranked.cost[looked], problem.unfilled[asking], np.zeros(len(slots), np.int64)]
    # Nobody does more than there are pairs of theirs: no arcs for that.
    capacity = np.minimum(problem.capacity[who], np.bincount(p))
    for number in range(max_of(capacity)):
        some = np.flatnonzero(capacity > number)
        tails.append(first_who + some)
        heads.append(np.full(len(some), end))
        costs.append(problem.step(problem.load_now[who[some]] + number))
    cost = np.concatenate(costs)
    flow = min_cost_flow.SimpleMinCostFlow()
    flow.add_arcs_with_capacity_and_unit_cost(
        np.concatenate(tails).astype(np.int32),
        np.concatenate(heads).astype(np.int32),
        np.ones(len(cost), np.int64),
        cost,
    )
    supply = np.append(np.ones(len(asking), np.int64), -len(asking))
    flow.set_nodes_supplies(np.append(np.arange(len(asking)), end).astype(np.int32), supply)
    if (status := flow.solve()) != flow.OPTIMAL:
        raise NotSolved(f"the flow solver says {status}")
    taken = looked[np.flatnonzero(flow.flows(np.arange(len(looked))))]
    picked[ranked.request[taken]] = taken
    return picked


def _slot_nodes(ranked: _Ranked, looked: Ints, p: Ints) -> tuple[Ints, Ints]:
    """The supporter of each slot node, and for each pair its slot node, -1 for none needed."""
    if ranked.place is None:
        return np.empty(0, np.int64), np.full(len(looked), -1)
    _, first, spot, count = np.unique(
        ranked.place[looked], return_index=True, return_inverse=True, return_counts=True
    )
    number = np.where(count > 1, np.cumsum(count > 1) - 1, -1)
    return p[first[count > 1]], number[spot]


@dataclass(frozen=True)
class _Prices:
    request: Ints
    supporter: Ints
    place: Ints
    place_price: Ints

    def of(self, supporter: Ints, place: Ints | None) -> Ints:
        """(edges,) what each pair takes away, at these prices."""
        price = self.supporter[supporter]
        return price if place is None else price + _found(self.place, self.place_price, place)


def _prices(problem: Problem, ranked: _Ranked, looked: Ints, picked: Ints) -> _Prices:
    """Prices at an answer over the pairs ``looked`` at: the least that one more task would cost,
    along all ways by which others make room.

    These are the shortest ways to the end of the residual graph, found by Bellman–Ford with all
    arcs at once. An optimal answer leaves no circle of negative cost, so they come to rest.
    """
    done = np.flatnonzero(picked >= 0)
    who, cost = ranked.supporter[picked[done]], ranked.cost[picked[done]]
    used = np.bincount(who, minlength=problem.supporters)
    next_step = problem.step(problem.load_now + used)
    # Whoever is full makes room only by giving a task away.
    one_more = np.where(used < problem.capacity, next_step, ENDLESS)
    request, supporter = ranked.request[looked], ranked.supporter[looked]
    pair_cost = ranked.cost[looked]
    asking, start = np.unique(request, return_index=True)
    place, held, by = _places_taken(ranked, looked, picked[done])
    price = one_more
    room = np.full(len(done), ENDLESS)
    for _ in range(2 * problem.requests + 2):
        worth = problem.unfilled.copy()
        if len(asking):
            pair = pair_cost + price[supporter]
            pair[held] = pair_cost[held] + room[by]
            worth[asking] = np.minimum(worth[asking], np.minimum.reduceat(pair, start))
        room_before, room = room, worth[done] - cost
        price_before, price = price, one_more.copy()
        np.minimum.at(price, who, room)
        if (price == price_before).all() and (room == room_before).all():
            price = np.where(problem.capacity > 0, price, 0)
            extra = (room - price[who])[place] if ranked.place is not None else room[:0]
            taken = ranked.place[picked[done]][place] if ranked.place is not None else room[:0]
            return _Prices(worth, price, taken, extra)
    raise NotSolved("prices do not come to rest: the answer was not optimal")


def _places_taken(ranked: _Ranked, looked: Ints, picked: Ints) -> tuple[Ints, Ints, Ints]:
    """The order of the done requests by (supporter, slot); which of the pairs ``looked`` at want
    a taken one, and which done request holds it."""
    none = np.empty(0, np.int64)
    if ranked.place is None or not len(picked):
        return none, none, none
    order = np.argsort(ranked.place[picked])
    taken = ranked.place[picked][order]
    wanted = ranked.place[looked]
    at = np.minimum(np.searchsorted(taken, wanted), len(taken) - 1)
    held = np.flatnonzero(taken[at] == wanted)
    return order, held, order[at[held]]

"""Lines of royalties that came twice, were taken back, or put right."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Any

from musictools.collect._reconcile_table import EXACT, Finding, label_of

if TYPE_CHECKING:
    import pandas as pd

#: What a line is about, but for how much: two lines that share it are of one use.
ABOUT = ("payer", "platform", "country", "who", "period", "use", "currency", "more")
#: A statement is another again if so much of the shorter one stands in both.
SHARE, FEWEST = 0.9, 3
#: Small counts are alike by chance: platforms report late, and pay the same for one stream.
_CHANCE = 10.0


@dataclass
class _Twice:
    """Lines of one use, with the same units and amount, beyond the first."""

    about: tuple[str, ...]
    statement: str
    count: int
    units: float
    amount: Decimal
    recording: str
    copies: int


@dataclass
class _Seen:
    """All that was found, before whole statements are told from single lines."""

    across: dict[tuple[str, str], list[_Twice]] = field(default_factory=lambda: defaultdict(list))
    within: dict[str, list[_Twice]] = field(default_factory=lambda: defaultdict(list))


def repeated(lines: "pd.DataFrame") -> Iterator[Finding]:
    """Find statements and lines that were paid twice; what was taken back counts for nothing.

    Parameters
    ----------
    lines : pandas.DataFrame
        As `prepared` gives them.
    """
    paid = lines[lines["net"] != 0]
    sizes = Counter(paid["statement"].tolist())
    order = {name: place for place, name in enumerate(sizes)}
    seen = _twice(paid, order)
    yield from _across(seen, sizes)
    yield from _within(seen, sizes)


def _twice(paid: "pd.DataFrame", order: Mapping[str, int]) -> _Seen:
    """Go through lines of one use that have the same units and amount, whatever their sign."""
    marked = paid.assign(size=paid["net"].abs(), uses=paid["units"].abs().fillna(-1))
    key = [*ABOUT, "uses", "size"]
    several = marked[marked.duplicated(key, keep=False)]
    seen = _Seen()
    for about, group in _groups(several, key, ("statement", "net", "recording_id")):
        count = Counter(statement for statement, _, _ in group)
        back = Counter(statement for statement, net, _ in group if net < 0)
        sign = -1 if sum(back.values()) * 2 > len(group) else 1
        kept, gone = (back, count - back) if sign < 0 else (count - back, back)
        left = _taken_back(kept, sum(gone.values()), order)
        first = next(iter(left), "")
        uses, size = float(about[-2]), sign * about[-1]
        for statement, copies in left.items():
            extra = copies - (statement == first)
            told = _Twice(about[:-2], statement, extra, uses, size, group[0][2], copies)
            if extra and statement == first:
                seen.within[statement].append(told)
            elif extra:
                seen.across[first, statement].append(told)
    return seen


def _groups(
    frame: "pd.DataFrame", key: Sequence[str], values: Sequence[str]
) -> Iterable[tuple[tuple[Any, ...], list[tuple[Any, ...]]]]:
    """Give the values of the rows that share a key; a groupby would take a hundred times longer."""
    found: dict[tuple[Any, ...], list[tuple[Any, ...]]] = defaultdict(list)
    keys = zip(*(frame[name].tolist() for name in key), strict=True)
    rows = zip(*(frame[name].tolist() for name in values), strict=True)
    for about, row in zip(keys, rows, strict=True):
        found[about].append(row)
    return found.items()


def _taken_back(count: Counter[str], back: int, order: Mapping[str, int]) -> dict[str, int]:
    """Take the lines off that others cancel, the oldest first; in the order of statements."""
    left = {}
    for statement in sorted(count, key=lambda name: order[name]):
        gone = min(back, count[statement])
        back -= gone
        if count[statement] > gone:
            left[statement] = count[statement] - gone
    return left


def _sum(found: Sequence[_Twice], counts: Sequence[int]) -> Decimal:
    with localcontext(EXACT):
        return sum((e.amount * n for e, n in zip(found, counts, strict=True)), Decimal(0))


def _across(seen: _Seen, sizes: Mapping[str, int]) -> Iterator[Finding]:
    for (first, statement), found in seen.across.items():
        lines = sum(each.count for each in found)
        shorter = min(sizes[first], sizes[statement])
        if lines >= max(FEWEST, SHARE * shorter):
            yield from _whole(found, [each.count for each in found], first, statement)
            continue
        for each in found:
            payer, platform, country, _, period, use, currency, _ = each.about
            sure = each.units > _CHANCE
            yield Finding(
                "double_payment",
                "error" if sure else "warning",
                f"the same line stands in {first}: {label_of(country, use)}, {each.units:g} units"
                + ("" if sure else "; so few may be alike by chance"),
                payer=payer, platform=platform, period=period, statement=statement,
                recording_id=each.recording, currency=currency, lines=each.count,
                amount=_sum([each], [each.count]),
            )  # fmt: skip


def _within(seen: _Seen, sizes: Mapping[str, int]) -> Iterator[Finding]:
    for statement, found in seen.within.items():
        halves = [each.copies // 2 for each in found]
        even = sum(each.copies for each in found if each.copies % 2 == 0)
        if even >= max(2 * FEWEST, SHARE * sizes[statement]):
            yield from _whole(found, halves, statement, statement)
            continue
        for each in found:
            payer, platform, country, _, period, use, currency, _ = each.about
            yield Finding(
                "repeated_line",
                "warning",
                f"the same line stands {each.copies} times in one statement, and none takes it "
                f"back: {label_of(country, use)}, {each.units:g} units; some payers write such",
                payer=payer, platform=platform, period=period, statement=statement,
                recording_id=each.recording, currency=currency, lines=each.count,
                amount=_sum([each], [each.count]),
            )  # fmt: skip


def _whole(found: list[_Twice], counts: list[int], first: str, statement: str) -> Iterator[Finding]:
    """Tell of a statement that came twice, a finding for each payer and currency."""
    parts: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, each in enumerate(found):
        parts[each.about[0], each.about[6]].append(place)
    for (payer, currency), places in parts.items():
        some, times = [found[i] for i in places], [counts[i] for i in places]
        periods = {each.about[4] for each in some}
        where = "twice in itself" if first == statement else f"in {first} too"
        yield Finding(
            "repeated_statement",
            "error",
            f"the lines of this statement stand {where}: it was paid, or read, twice",
            payer=payer, period=periods.pop() if len(periods) == 1 else None, statement=statement,
            currency=currency, lines=sum(times), amount=_sum(some, times),
        )  # fmt: skip


def taken_back(lines: "pd.DataFrame") -> Iterator[Finding]:
    """Sum up negative lines: corrections, which write a line anew, apart from returns.

    Parameters
    ----------
    lines : pandas.DataFrame
        As `prepared` gives them.
    """
    negative = lines[lines["net"] < 0]
    if negative.empty:
        return
    touched = lines.merge(negative[list(ABOUT)].drop_duplicates(), on=list(ABOUT))
    corrected = set()
    for about, group in _groups(touched, ABOUT, ("statement", "net", "recording_id")):
        told = _correction(about, group)
        if told is not None:
            corrected.add(about)
            yield told
    keys = zip(*(negative[name].tolist() for name in ABOUT), strict=True)
    rest = [about not in corrected for about in keys]
    returned = negative[rest]
    for about, some in returned.groupby(["payer", "platform", "period", "currency"], sort=False):
        payer, platform, period, currency = map(str, about)
        statements = some["statement"].unique()
        with localcontext(EXACT):
            amount = sum(some["net"], Decimal(0))
        yield Finding(
            "returns",
            "note",
            f"negative lines (returns, refunds) of {abs(some['units'].sum()):g} units",
            payer=payer, platform=platform, period=period, currency=currency, lines=len(some),
            amount=amount, statement=str(statements[0]) if len(statements) == 1 else None,
        )  # fmt: skip


def _correction(about: tuple[str, ...], group: list[tuple[Any, ...]]) -> Finding | None:
    """Tell of lines that are taken back whole, and written anew with another amount."""
    amounts = Counter(net for _, net, _ in group)
    old = [net for net in amounts if net > 0 and amounts[-net]]
    new = [net for net in amounts if net > 0 and not amounts[-net]]
    if not old or not new:
        return None
    with localcontext(EXACT):
        change = sum((net for _, net, _ in group), Decimal(0))
        change -= sum((net * amounts[-net] for net in old), Decimal(0))
    payer, platform, country, _, period, use, currency, _ = about
    last = [statement for statement, net, _ in group if net < 0][-1]
    return Finding(
        "correction",
        "note",
        f"a line is taken back and written anew: {label_of(country, use)}; the amount is by how "
        "much it changed",
        payer=payer, platform=platform, period=period, statement=last, currency=currency,
        recording_id=group[0][2], lines=len(group), amount=change,
    )  # fmt: skip

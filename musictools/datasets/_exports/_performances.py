"""What societies collect for the label's works in one quarter, work by work."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools.datasets._exports import _royalty_lines as money

if TYPE_CHECKING:
    from musictools.datasets._label import Label

#: Publishing earns about this part of what recordings earn from streaming.
_PART = Decimal("0.15")


@dataclass(frozen=True)
class Performances:
    """One work in one store and country, and what it earned (US dollars)."""

    number: str
    title: str
    artist: str
    writers: tuple[str, ...]
    shares: tuple[Decimal, ...]
    store: str
    country: str
    units: int
    amount: Decimal


def performances(
    label: "Label", rng: np.random.Generator, *, home: str | None = None
) -> list[Performances]:
    """List the last quarter's performances: at home only, or everywhere."""
    paid = label.royalties
    paid = paid[paid["period"].isin(list(money.QUARTER))]
    if home is not None:
        paid = paid[paid["country"] == home]
    works: Any = label.works.set_index("work_id").to_dict("index")
    artists = label.recordings.drop_duplicates("work_id").set_index("work_id")["artist"].to_dict()
    found = []
    groups = paid.groupby(["work_id", "platform", "country"], observed=True)
    for key, units, net in groups.agg({"units": "sum", "net": list}).itertuples():
        name, store, country = (str(part) for part in key)
        work = works[name]
        crumb = Decimal(int(rng.integers(1, 10**8))).scaleb(-10)
        found.append(
            Performances(
                number=_number(str(work["iswc"])),
                title=str(work["title"]).upper(),
                artist=str(artists[name]),
                writers=tuple(work["writers"]),
                shares=tuple(Decimal(str(share)) for share in work["shares"]),
                store=store,
                country=country,
                units=int(units),
                amount=sum(net, money.ZERO) * _PART + crumb,
            )
        )
    return found


def _number(iswc: str) -> str:
    """Make the number that a society gave the work: the first nine digits of its ISWC."""
    return "".join(c for c in iswc if c.isdigit())[:9]

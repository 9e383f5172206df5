"""Sales of each week, taken apart: what would have come anyway, releases, channels, the rest."""

from typing import TYPE_CHECKING

import numpy as np

from musictools.marketing._media_data import MediaData
from musictools.marketing._posterior import Posterior

if TYPE_CHECKING:
    import pandas as pd


def take_apart(
    posterior: Posterior, data: MediaData, contributions: "pd.DataFrame"
) -> "pd.DataFrame":
    """Parts that add up to sales; rows as given.

    What channels bring is the mean of the posterior, and what is linear is fitted to the rest, as
    the posterior does for each of its points.
    """
    import pandas as pd

    panel = data.panel
    media = contributions.to_numpy()[data.rows]
    left = (panel.y - media.sum(axis=2)) / panel.level[:, None]
    names = [part for part in ("base", "releases", "posts", "controls") if part in data.parts]
    own = [*data.parts, *posterior.loose.parts]
    inside = np.array([[part == name for name in names] for part in own], dtype=float)
    flat = np.empty((data.rows.size, len(names)))
    for group, rows in enumerate(data.rows):
        both = np.concatenate([posterior.controls[group], posterior.rows[group]])
        known = np.concatenate([left[group], np.zeros(len(posterior.rows[group]))])
        slopes = np.linalg.lstsq(both, known, rcond=None)[0]
        flat[rows] = (posterior.controls[group] * slopes) @ inside * panel.level[group]
    frame = pd.DataFrame(flat, index=data.index, columns=names).join(contributions)
    sales = np.empty(data.rows.size)
    sales[data.rows] = panel.y
    return frame.assign(left_over=sales - frame.to_numpy().sum(axis=1))

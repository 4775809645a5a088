"""How long people worked, from what the event log says they did."""

from __future__ import annotations

import pandas as pd

IDLE_SECONDS = 180.0


def work_seconds(activity: pd.DataFrame, idle: float = IDLE_SECONDS) -> pd.Series[float]:
    """Return the seconds of work that led to each event.

    From one event of a person to the next, on whatever task, is work, and belongs to the later
    one. A pause that is longer than `idle` is none: it counts nothing. So the first event of a
    day counts nothing either.

    Parameters
    ----------
    activity
        Columns actor (string) and time (datetime64), in the order of the log.
    idle
        In seconds.

    Returns
    -------
    pandas.Series
        float64, with the index of `activity`.
    """
    before = activity.groupby("actor", sort=False)["time"].shift()
    gaps = (activity["time"] - before).dt.total_seconds()
    return gaps.where(gaps <= idle, 0.0).astype("float64")

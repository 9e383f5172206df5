"""Numbers with what they count: one line, two lines."""


def counted(count: int, one: str, many: str = "") -> str:
    """Give a number with its noun.

    Parameters
    ----------
    count : int
        How many there are.
    one : str
        The noun for one of them.
    many : str
        The noun for any other number, where it is not the first with an s.
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"

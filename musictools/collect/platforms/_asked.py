"""What readers ask for, in pieces that platforms take: names, and batches of them."""

from collections.abc import Iterable, Iterator

from musictools.errors import InputError


def names(given: str | int | Iterable[str | int]) -> tuple[str, ...]:
    """Give one name, or many, as texts; each once, in their order."""
    many = (given,) if isinstance(given, str | int) else given
    found = tuple(dict.fromkeys(str(name).strip() for name in many))
    if not found or not all(found):
        raise InputError(
            "ask a platform for something",
            got=repr(given),
            expected="an identifier or a name, or several",
            hint="artist('UC_x5XG1OV2P6uZZ5FSM9Ttw')",
        )
    return found


def batches(many: tuple[str, ...], size: int) -> Iterator[tuple[str, ...]]:
    """Cut into pieces of at most ``size``."""
    return (many[i : i + size] for i in range(0, len(many), size))

"""``python -m musictools`` is the command ``musictools``."""

from musictools.cli import main

if __name__ == "__main__":
    main()

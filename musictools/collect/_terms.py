"""The door of this wing to the terms of its sources, which every wing may ask for."""

from musictools._policy import Policy, check_use, policy

__all__ = ["Policy", "check_use", "policy"]

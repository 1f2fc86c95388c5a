"""Decisions as state machines: given `now` and what happened, they answer go, wait or refuse."""

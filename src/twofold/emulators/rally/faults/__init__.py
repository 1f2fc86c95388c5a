"""Scripted trouble: which requests meet it, and what it does to them."""

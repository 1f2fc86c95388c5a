"""A stand-in for Rally's web services (WSAPI v2.0)."""

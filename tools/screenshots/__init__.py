"""Pictures of the terminal application, for the docs."""

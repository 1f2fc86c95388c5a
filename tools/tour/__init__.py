"""A tour of the terminal application, in a real terminal."""

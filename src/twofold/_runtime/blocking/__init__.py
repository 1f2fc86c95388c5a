"""The seam for plain threads: the vocabulary of anyio, where each thread that waits is parked alone."""

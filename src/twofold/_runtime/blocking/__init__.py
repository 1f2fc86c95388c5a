"""The seam for plain threads: anyio's vocabulary, each waiting thread parked by itself."""

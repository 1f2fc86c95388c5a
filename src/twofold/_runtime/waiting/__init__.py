"""The seam for asyncio and trio: anyio, under the names that the drivers use."""

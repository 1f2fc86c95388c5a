"""The main job: what it measures and what must hold.  What waits of it is in `_async`."""

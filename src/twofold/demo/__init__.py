"""The main job: what it measures and what must hold.  The job itself waits, so it is in `_async`."""

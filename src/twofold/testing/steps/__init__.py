"""Cancellation at every step: run a scenario once for each of its steps, cancelled right there.

`steps.waiting` has `every_step` for asyncio and trio, `steps.blocking` the same for threads.  Both
run in virtual time; what the scenario talks to must be in memory.
"""

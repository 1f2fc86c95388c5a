"""An outage, simulated: what a dead origin is sent, and how soon all is well again."""

"""What goes on, for people and other systems: listeners that count, log and trace.

They know events and nothing else of a client.
"""

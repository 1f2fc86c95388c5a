"""Stand-ins for the systems twofold speaks to: state in memory, one plain `answer` each.

They share no code and no table with the clients, so that one checks the other.
"""

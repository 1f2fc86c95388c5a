"""The table of types: which fields there are, what they hold, who may write them.

Source: the vendor's object model (WSAPI v2.0), as far as this emulator goes.
"""

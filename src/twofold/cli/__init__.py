"""The command line.  Its entry point runs without any extra, to say which one is wanted."""

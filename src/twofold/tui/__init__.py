"""The Rally application for a terminal: `twofold rally tui`.  It needs the extra `tui`."""

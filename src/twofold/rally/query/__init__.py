"""Rally's query language: written in Python or by hand, always strictly binary and quoted."""

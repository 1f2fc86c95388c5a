"""Rally's query language: from text to a test of records."""

"""What a reply means and where a request goes, whoever waits for it."""

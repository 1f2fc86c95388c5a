"""What stores keep, whoever waits for them."""

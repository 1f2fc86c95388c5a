"""A private HTTP cache as RFC 9111 has it: what may be kept, how long, and what then."""

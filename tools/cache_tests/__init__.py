"""The public HTTP cache tests, with our client as the client under test."""

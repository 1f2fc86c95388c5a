"""HTTP/1.1 as bytes: nothing here waits, or knows a socket (RFC 9112)."""

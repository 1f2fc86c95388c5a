"""The core, colourless: what is decided, never what is waited for."""

"""The data an emulator starts with: realistic, and the same for the same seed."""

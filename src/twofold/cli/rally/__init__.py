"""The commands of `twofold rally`."""

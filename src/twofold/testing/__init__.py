"""For your own tests: clocks that jump, so that tests of timing are exact and take no time."""

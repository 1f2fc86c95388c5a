# SPDX-License-Identifier: MIT
"""The cache tests, in one source."""

# SPDX-License-Identifier: MIT
"""Long runs, in one source."""

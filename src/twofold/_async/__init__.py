# SPDX-License-Identifier: MIT
"""Everything that waits."""

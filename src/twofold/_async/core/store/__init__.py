# SPDX-License-Identifier: MIT
"""Where caches keep their answers."""

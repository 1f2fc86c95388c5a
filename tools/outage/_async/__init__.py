# SPDX-License-Identifier: MIT
"""The callers and their clients, in one source."""

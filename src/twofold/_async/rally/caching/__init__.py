# SPDX-License-Identifier: MIT
"""The Rally client that keeps what it reads."""

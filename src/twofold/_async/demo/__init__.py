# SPDX-License-Identifier: MIT
"""The main job of the demonstration."""

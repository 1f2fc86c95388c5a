# SPDX-License-Identifier: MIT
"""What a Rally client can do, a subject each.  How it is done stands in the modules above."""

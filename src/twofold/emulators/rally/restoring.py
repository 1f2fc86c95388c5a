"""The address of the page that brings an object back from the recycle bin.

Source: the vendor's report on the recycle bin in Ruby, which links each entry to
`/slm/recyclebin/restore.sp?oid={ObjectID of the entry}`. The web service itself has no such thing.
"""

from __future__ import annotations

ADDRESS = "/slm/recyclebin/restore.sp"


def asks_to_restore(path: str) -> bool:
    return path.lower() == ADDRESS

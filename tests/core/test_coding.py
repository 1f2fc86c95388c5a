"""Content codings: expanded piece by piece, bounded, and refused when they stop half way."""

from __future__ import annotations

import gzip
import sys
import zlib
from importlib import import_module

import brotli
import pytest

from twofold.core.wire.http1.coding import ACCEPTING, STEP, decoder
from twofold.core.wire.http1.refusals import Malformed, TooLarge

zstd = import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")

PLAIN = b"one two three " * 500
CODED = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
}
each_coding = pytest.mark.parametrize("coding", CODED)


@each_coding
@pytest.mark.parametrize("size", [1, 7, 1000, 100_000])
def test_a_body_is_expanded_however_it_is_cut(coding: str, size: int) -> None:
    data = CODED[coding](PLAIN)
    inside = decoder(coding)
    pieces = [inside.decode(data[n : n + size], 1e9) for n in range(0, len(data), size)]
    inside.end()
    assert b"".join(pieces) == PLAIN


@each_coding
def test_a_bomb_is_refused_before_it_is_all_expanded(coding: str) -> None:
    bomb = CODED[coding](b"\0" * 20 * STEP)
    with pytest.raises(TooLarge):
        decoder(coding).decode(bomb, 2 * STEP)


@each_coding
def test_a_body_that_is_none_is_refused(coding: str) -> None:
    inside = decoder(coding)
    with pytest.raises(Malformed):
        inside.decode(b"\xfe no such thing, in any of the codings, however long one reads", 1e9)
        inside.end()


@each_coding
def test_a_body_that_stops_early_is_refused(coding: str) -> None:
    inside = decoder(coding)
    inside.decode(CODED[coding](PLAIN)[:-3], 1e9)
    with pytest.raises(Malformed, match="stops in the middle"):
        inside.end()


@each_coding
def test_nothing_at_all_is_an_empty_body(coding: str) -> None:
    decoder(coding).end()


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_members_follow_one_another(coding: str) -> None:
    inside = decoder(coding)
    twice = CODED[coding](b"one ") + CODED[coding](b"two")
    assert inside.decode(twice, 100) == b"one two"
    inside.end()


def test_several_codings_are_undone_from_the_last_to_the_first() -> None:
    inside = decoder("gzip, br")
    assert inside.decode(brotli.compress(gzip.compress(PLAIN)), 1e9) == PLAIN


def test_a_window_of_more_than_8_mib_is_refused() -> None:
    options = {zstd.CompressionParameter.window_log: 27}
    data = zstd.compress(bytes(range(256)) * 80_000, options=options)
    with pytest.raises(Malformed):
        decoder("zstd").decode(data, 1e9)


def test_a_request_names_what_is_understood() -> None:
    assert ACCEPTING == ("Accept-Encoding", "gzip, deflate, br, zstd")

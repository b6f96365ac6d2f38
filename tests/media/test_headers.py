"""Heads of pictures as they are read before anything is decoded, held against what the decoder says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.media.formats import FORMATS, sniff
from api.media.headers import told
from tests.pictures import a_picture

KINDS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [(1, 1), (37, 90), (300, 20)])
def test_a_head_tells_the_size(kind: str, size: tuple[int, int]) -> None:
    data = a_picture(kind, size)
    found = told(kind, data)
    assert found is not None and (found.width, found.height, found.animated) == (*size, False)
    sniffed = sniff(data[:64])
    assert sniffed is not None and sniffed.name == kind


def test_simple_and_extended_webp_are_read_alike() -> None:
    for how in ({"lossless": True}, {"quality": 50}, {"exif": b"Exif\0\0II*\0\x08\0\0\0\0\0"}):
        found = told("WEBP", a_picture("WEBP", (50, 30), **how))
        assert found is not None and (found.width, found.height) == (50, 30)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(KINDS), st.binary(max_size=80), st.integers(0, 60))
def test_no_bytes_break_the_reading(kind: str, noise: bytes, kept: int) -> None:
    data = a_picture(kind, (20, 20))[:kept] + noise
    found = told(kind, data)
    assert found is None or (found.width > 0 and found.height > 0)
    assert sniff(noise) is None or sniff(noise) in FORMATS

"""Queries are remembered by what they say: no caller changes what the next one gets; a wrong one is refused again."""

from __future__ import annotations

import pytest
from flask import Flask

from api.errors import CmsError
from api.openapi.operation import read_query
from schemas.content.topic import TOPIC
from schemas.requests import item_parameters, list_parameters


def test_a_query_is_given_whole_to_each_caller() -> None:
    app = Flask("test")
    with app.test_request_context("/?locale=en&include=faqs,terms&fields[topic]=title"):
        first = read_query(list_parameters(TOPIC))
        first.pop("locale")
        assert read_query(list_parameters(TOPIC)) == {
            "locale": "en", "include": ("faqs", "terms"), "fields[topic]": ("title",)
        }  # fmt: skip


def test_the_same_words_mean_to_each_address_what_it_knows() -> None:
    app = Flask("test")
    with app.test_request_context("/?sort=title"):
        assert read_query(list_parameters(TOPIC)) == {"sort": ("title",)}
        for _ in range(2):
            with pytest.raises(CmsError, match="sort"):
                read_query(item_parameters(TOPIC))


@pytest.mark.parametrize("length", [250, 350, 7_900])
def test_a_query_of_any_length_is_read_alike(length: int) -> None:
    app = Flask("test")
    asked = "en" + " " * length  # No language: what is refused names the parameter.
    with app.test_request_context("/", query_string={"locale": asked}):
        for _ in range(2):
            with pytest.raises(CmsError, match="locale"):
                read_query(item_parameters(TOPIC))

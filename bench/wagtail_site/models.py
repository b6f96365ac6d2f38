"""A topic as a Wagtail page: the fields of ours that a reader gets, its sections as a StreamField."""

from django.db import models
from wagtail.api import APIField
from wagtail.blocks import CharBlock, RichTextBlock, StructBlock
from wagtail.fields import StreamField
from wagtail.models import Page


class SectionBlock(StructBlock):
    """One section."""

    aspect = CharBlock()
    title = CharBlock()
    body = RichTextBlock()


class TopicPage(Page):
    """A topic."""

    summary = models.TextField()
    sections = StreamField([("section", SectionBlock())])
    api_fields = [APIField("summary"), APIField("sections")]

    class Meta:
        app_label = "wagtail_site"

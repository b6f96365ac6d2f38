"""python -m bench.wagtail_site.fill TOPICS.json: makes tables and a page of each topic; prints the first page's id."""

import json
import os
import sys
from pathlib import Path

import django
from django.core.management import call_command

from bench.wagtail_site import settings


def main() -> None:
    """Make the site's database anew."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.wagtail_site.settings")
    (settings.DATA / settings.MADE).mkdir()
    (settings.DATA / settings.MADE / "__init__.py").touch()
    # The migration is written by the Wagtail that is installed: it names that Wagtail's newest.
    sys.path.insert(0, str(settings.DATA))
    django.setup()
    call_command("makemigrations", "wagtail_site", verbosity=0)
    call_command("migrate", verbosity=0)
    from wagtail.models import Page

    from bench.wagtail_site.models import TopicPage

    home = Page.objects.get(depth=2)
    pages = []
    for topic in json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")):
        sections = [{"type": "section", "value": each} for each in topic["sections"]]
        page = TopicPage(title=topic["title"], slug=topic["slug"], summary=topic["summary"])
        page.sections = json.dumps(sections)
        home.add_child(instance=page)
        pages.append(page.id)
    print(pages[0])


if __name__ == "__main__":
    main()

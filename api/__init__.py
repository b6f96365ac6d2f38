"""How the content is served and changed."""

"""The edge for sites that embed: pages for a frame, and fragments to be put into a page."""

"""The demo library: content as files a person can edit, and how it is loaded through the services."""

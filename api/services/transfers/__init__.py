"""Import and export: archives and tables going out; archives, tables, articles and WordPress files coming in."""

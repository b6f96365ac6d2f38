"""Groups of commands that api/cli.py puts together."""

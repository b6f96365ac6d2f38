"""This version's name."""

VERSION = "0.1.0"

"""What a clinic lays over a library text, and what it has to settle when the library changes beneath."""

"""The edge for editors and machines: it translates requests into verbs, and decides nothing."""

"""Partners: sites that embed, what they showed, and what they must take down."""

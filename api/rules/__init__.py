"""May it? Plain functions of plain values, without a framework."""

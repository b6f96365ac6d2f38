"""Whether something may be done: plain functions of plain values, without a framework."""

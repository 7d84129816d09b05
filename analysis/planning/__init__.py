"""Sample sizes, power, allocation and the drawing of a sample."""

"""Whole ways through the product, in a real browser where one is needed."""

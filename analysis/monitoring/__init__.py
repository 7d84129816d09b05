"""Shares over time: control charts, trends, before and after."""

"""Datasets as the files of statistical programs, each with labels in Vietnamese and English, and their descriptions."""

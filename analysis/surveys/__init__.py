"""Samples with a design: stages, totals with their covariance, replicate weights."""

"""Reference cases made by other programs, and what computes each feature from public functions."""

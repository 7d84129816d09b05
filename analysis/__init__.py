"""Pure statistics of citizen satisfaction: counts and arrays in, frozen results out."""

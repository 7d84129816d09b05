"""Every SELECT that lists, counts or sums; frozen values and arrays out."""

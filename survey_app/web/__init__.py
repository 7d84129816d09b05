"""HTTP at the edge; one package per audience."""

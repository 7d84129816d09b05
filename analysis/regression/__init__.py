"""Linear, logistic and ordered regression under a design or from counts."""

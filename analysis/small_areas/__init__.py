"""Small units drawn towards what they have in common, beside their direct figures."""

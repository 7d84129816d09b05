"""No published table, nor any two together, tells how many people stand in a small cell."""

"""How well items measure, how alike groups answer, what drives satisfaction."""

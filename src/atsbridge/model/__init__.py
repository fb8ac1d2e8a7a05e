"""The canonical model: frozen values, no I/O."""

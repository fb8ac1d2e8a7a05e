"""Where notices go; built-in plugins."""

"""How exercises are read, run, compared, shown and remembered."""

"""Documents to print: data in, PDF out. No web, no database."""

"""What people write beside the ATS: briefs and market tables, read from files and plugins."""

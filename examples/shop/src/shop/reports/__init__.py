"""Reports for the bookkeeper, with pandas. All amounts in them are whole cents."""

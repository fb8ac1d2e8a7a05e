"""What `atsbridge doctor` looks at: everything that would make the next run fail or go astray."""

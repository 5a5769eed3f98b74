"""Settings: base, then dev, test and prod on top of it."""

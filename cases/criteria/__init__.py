"""Questions of programs' criteria, their rules in words, and the facts beside them. Shows, never answers."""

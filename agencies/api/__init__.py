"""What every address under /api/v1/ shares, and the directory of programs."""

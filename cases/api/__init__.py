"""Cases and their facts under /api/v1/."""

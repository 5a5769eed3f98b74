"""What is asked of other programs and told to the public, and proof that it was."""

"""Pages of sign-in, language and refusals."""

"""Template tags that alerts contributes to pages of cases."""

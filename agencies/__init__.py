"""Who may act, for whom, under which rules, and what they did."""

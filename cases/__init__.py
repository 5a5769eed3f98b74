"""What happened: children, people, vehicles, evidence, law."""

"""What the demo expected, what it found, and the verdict. May import the stages to ask their database and themes."""

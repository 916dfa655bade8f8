"""What the screens do, without Qt: routing of keys, texts, and the difference between two views."""

"""What is held about one person: telling it, and forgetting it."""

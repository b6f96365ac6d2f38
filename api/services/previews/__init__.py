"""What would be live, shown before it is: to preview keys, and by links that end."""

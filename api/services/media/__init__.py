"""Pictures and documents: taken in, described, shown, and swept away."""

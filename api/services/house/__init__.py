"""The house around the texts: clinics, categories, people, keys, redirects, and the log of it all."""

"""What management takes and gives: bodies and replies of /v1/manage."""

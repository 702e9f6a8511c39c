"""The API's resources: from an HTTP request to the store and back."""

"""What programs may ask for, in one table: drawn as a page for people, and as an OpenAPI description for programs."""

"""Reports of errors by readers: what they can be about, how they are received, and how they are answered."""

"""Evidence: keep the files of sources, and ask whether their addresses still answer."""

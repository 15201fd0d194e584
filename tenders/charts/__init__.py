"""Charts of the records as data for SVG templates; every number links to the list of the records it counts."""

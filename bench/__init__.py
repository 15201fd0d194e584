"""The benchmark: the real site on synthetic tenders, asked the same questions as a page made of constants."""
